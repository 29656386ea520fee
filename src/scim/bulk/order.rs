//! The order in which operations are carried out: that of the request, but that an operation follows those it refers to.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What is carried out at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unit {
    /// One operation.
    One(usize),
    /// Creations that refer to each other in a circle, in the order of the request: all of them succeed, or none
    /// (RFC 7644, section 3.7.1).
    Circle(Vec<usize>),
}

/// Orders the operations. `needs[i]` are those that `i` refers to, and `after[i]` those of lower number that it should
/// follow because both are about one resource; where the two contradict each other, a reference wins.
pub(super) fn order(needs: &[Vec<usize>], after: &[Vec<usize>]) -> Vec<Unit> {
    let units = circles(needs);
    let mut unit_of = vec![0; needs.len()];
    for (number, unit) in units.iter().enumerate() {
        unit.iter().for_each(|operation| unit_of[*operation] = number);
    }
    let mut waiting = Waiting::new(units.len());
    for operation in 0..needs.len() {
        for (edges, must) in [(&needs[operation], true), (&after[operation], false)] {
            for before in edges {
                waiting.edge(unit_of[*before], unit_of[operation], must);
            }
        }
    }
    let first = |number: &usize| units[*number].first().copied().unwrap_or_default();
    let order = waiting.drain(first);
    order.into_iter().map(|number| unit(&units[number])).collect()
}

fn unit(operations: &[usize]) -> Unit {
    match operations {
        [only] => Unit::One(*only),
        several => Unit::Circle(several.to_vec()),
    }
}

/// Which units wait for which.
struct Waiting {
    /// Who waits for a unit, and whether they must.
    followers: Vec<Vec<(usize, bool)>>,
    /// For how many others a unit waits, and for how many of them it must.
    counts: Vec<(usize, usize)>,
}

impl Waiting {
    fn new(units: usize) -> Self {
        Self { followers: vec![Vec::new(); units], counts: vec![(0, 0); units] }
    }

    fn edge(&mut self, before: usize, after: usize, must: bool) {
        if before != after {
            self.followers[before].push((after, must));
            self.counts[after].0 += 1;
            self.counts[after].1 += usize::from(must);
        }
    }

    /// All units, the one with the lowest first operation first of those that wait for nobody.
    fn drain(mut self, first: impl Fn(&usize) -> usize) -> Vec<usize> {
        let units = self.counts.len();
        let mut done = vec![false; units];
        let mut order = Vec::with_capacity(units);
        let free = (0..units).filter(|unit| self.counts[*unit].0 == 0);
        let mut ready: BinaryHeap<_> = free.map(|unit| Reverse((first(&unit), unit))).collect();
        while order.len() < units {
            let next = ready.pop().map(|Reverse((_, unit))| unit).or_else(|| {
                let could = (0..units).filter(|unit| !done[*unit] && self.counts[*unit].1 == 0);
                could.min_by_key(&first)
            });
            let Some(unit) = next else { break };
            if std::mem::replace(&mut done[unit], true) {
                continue;
            }
            order.push(unit);
            for (follower, must) in std::mem::take(&mut self.followers[unit]) {
                let (all, musts) = &mut self.counts[follower];
                *all -= 1;
                *musts -= usize::from(must);
                if *all == 0 {
                    ready.push(Reverse((first(&follower), follower)));
                }
            }
        }
        order
    }
}

/// The strongly connected components of the references, each in the order of the request (Tarjan's algorithm with a stack
/// of its own: a chain of references may be as long as the request).
fn circles(needs: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut search = Search {
        number: vec![None; needs.len()],
        low: vec![0; needs.len()],
        open: vec![false; needs.len()],
        stack: Vec::new(),
        counter: 0,
        found: Vec::new(),
    };
    for root in 0..needs.len() {
        if search.number[root].is_some() {
            continue;
        }
        search.enter(root);
        let mut path = vec![(root, 0)];
        while let Some((node, edge)) = path.pop() {
            match needs[node].get(edge) {
                None => search.leave(node, path.last().map(|(parent, _)| *parent)),
                Some(next) => {
                    path.push((node, edge + 1));
                    match search.number[*next] {
                        None => {
                            search.enter(*next);
                            path.push((*next, 0));
                        }
                        Some(number) if search.open[*next] => search.low[node] = search.low[node].min(number),
                        Some(_) => {}
                    }
                }
            }
        }
    }
    search.found
}

struct Search {
    number: Vec<Option<usize>>,
    low: Vec<usize>,
    open: Vec<bool>,
    stack: Vec<usize>,
    counter: usize,
    found: Vec<Vec<usize>>,
}

impl Search {
    fn enter(&mut self, node: usize) {
        self.number[node] = Some(self.counter);
        self.low[node] = self.counter;
        self.counter += 1;
        self.open[node] = true;
        self.stack.push(node);
    }

    fn leave(&mut self, node: usize, parent: Option<usize>) {
        if let Some(parent) = parent {
            self.low[parent] = self.low[parent].min(self.low[node]);
        }
        if Some(self.low[node]) != self.number[node] {
            return;
        }
        let start = self.stack.iter().rposition(|open| *open == node).unwrap_or_default();
        let mut component = self.stack.split_off(start);
        component.iter().for_each(|member| self.open[*member] = false);
        component.sort_unstable();
        self.found.push(component);
    }
}
