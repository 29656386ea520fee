//! What the system knows of this process.

use std::fs;

/// What the system knows of this process; what it does not tell is left out.
#[derive(Debug, Clone, Copy, Default)]
pub struct Process {
    /// Bytes of memory that are in use.
    pub resident: Option<u64>,
    /// Seconds of processor time.
    pub cpu: Option<f64>,
    /// Open files and sockets.
    pub files: Option<u64>,
}

impl Process {
    /// As it is now.
    pub fn now() -> Self {
        let page = rustix::param::page_size() as u64;
        let statm = fs::read_to_string("/proc/self/statm").unwrap_or_default();
        let resident = statm.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).map(|pages| pages * page);
        let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
        let files = fs::read_dir("/proc/self/fd").ok().map(|files| files.count() as u64);
        Self { resident, cpu: cpu(&stat), files }
    }
}

/// Seconds in user and kernel mode: the 14th and 15th field, of which the second is a name in parentheses.
fn cpu(stat: &str) -> Option<f64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    Some(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_tells() {
        let process = Process::now();
        assert!(process.resident.unwrap() > 1 << 20 && process.files.unwrap() > 2 && process.cpu.is_some());
    }

    #[test]
    fn a_name_with_spaces_and_parentheses_moves_no_field() {
        let stat = "7 (a) (b c) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0";
        assert_eq!(cpu(stat), Some(200.0 / rustix::param::clock_ticks_per_second() as f64));
        assert_eq!(cpu(""), None);
    }
}
