//! CPU time and memory of processes, read from Linux's `/proc`.

/// Clock ticks a second in `/proc/PID/stat`: fixed at 100 for user space on every Linux that matters.
const TICKS: f64 = 100.0;

/// What a process and its children have used so far.
#[derive(Clone, Copy, Default)]
pub struct Usage {
    pub cpu_seconds: f64,
    /// Resident set of the process itself, without its children, in bytes.
    pub resident: u64,
}

/// Usage of `pid` with the CPU time of its direct children, so that a postmaster stands for its backends. Zero for a
/// process that is not there.
pub fn usage(pid: u32) -> Usage {
    let own = stat(pid).map_or(0.0, |stat| stat.cpu_seconds);
    let children: f64 =
        processes().filter_map(stat).filter(|stat| stat.parent == pid).map(|stat| stat.cpu_seconds).sum();
    Usage { cpu_seconds: own + children, resident: resident(pid).unwrap_or(0) }
}

/// CPU seconds of the driver itself.
pub fn own_cpu_seconds() -> f64 {
    stat(std::process::id()).map_or(0.0, |stat| stat.cpu_seconds)
}

struct Stat {
    parent: u32,
    cpu_seconds: f64,
}

fn processes() -> impl Iterator<Item = u32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str().and_then(|name| name.parse().ok()))
}

/// Fields 4 (parent) and 14 to 17 (user and system time, own and of waited-for children) of `/proc/PID/stat`.
fn stat(pid: u32) -> Option<Stat> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let after_name = text.get(text.rfind(')')? + 2..)?;
    let fields: Vec<&str> = after_name.split(' ').collect();
    let ticks = fields.get(11..15)?.iter().filter_map(|field| field.parse::<f64>().ok()).sum::<f64>();
    Some(Stat { parent: fields.get(1)?.parse().ok()?, cpu_seconds: ticks / TICKS })
}

fn resident(pid: u32) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}
