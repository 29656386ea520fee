use proptest::prelude::*;

use crate::scim::bulk::order::{Unit, order};

fn ordered(needs: &[&[usize]], after: &[(usize, usize)]) -> Vec<Unit> {
    let needs: Vec<Vec<usize>> = needs.iter().map(|needs| needs.to_vec()).collect();
    let mut edges = vec![Vec::new(); needs.len()];
    after.iter().for_each(|(before, later)| edges[*later].push(*before));
    order(&needs, &edges)
}

fn ones(places: &[usize]) -> Vec<Unit> {
    places.iter().map(|place| Unit::One(*place)).collect()
}

#[test]
fn without_references_ahead_the_order_is_that_of_the_request() {
    assert_eq!(ordered(&[&[], &[0], &[0, 1], &[]], &[(1, 3)]), ones(&[0, 1, 2, 3]));
}

#[test]
fn what_refers_ahead_waits_and_so_does_what_is_about_the_same_resource() {
    assert_eq!(ordered(&[&[2], &[], &[]], &[]), ones(&[1, 2, 0]));
    assert_eq!(ordered(&[&[4, 5], &[5], &[], &[5], &[5], &[]], &[(1, 2)]), ones(&[5, 1, 2, 3, 4, 0]));
}

#[test]
fn circles_are_found_and_stand_before_what_needs_them() {
    let circle = |places: &[usize]| Unit::Circle(places.to_vec());
    assert_eq!(ordered(&[&[2], &[], &[0]], &[]), [circle(&[0, 2]), Unit::One(1)]);
    assert_eq!(ordered(&[&[1], &[2], &[3, 0], &[4], &[5], &[3]], &[]), [circle(&[3, 4, 5]), circle(&[0, 1, 2])]);
}

#[test]
fn a_reference_wins_against_the_order_on_one_resource() {
    // 0 should come before 1 and waits for 2, which needs 1.
    assert_eq!(ordered(&[&[2], &[], &[1]], &[(0, 1)]), ones(&[1, 2, 0]));
}

proptest! {
    #[test]
    fn each_operation_stands_once_and_after_what_it_needs(
        edges in prop::collection::vec((0_usize..40, 0_usize..40), 0..80),
        resources in prop::collection::vec(0_usize..12, 40),
    ) {
        let mut needs = vec![Vec::new(); 40];
        edges.iter().filter(|(from, to)| from != to).for_each(|(from, to)| needs[*from].push(*to));
        let mut after = vec![Vec::new(); 40];
        for later in 0..40 {
            after[later].extend((0..later).rev().find(|before| resources[*before] == resources[later]));
        }
        let units = order(&needs, &after);
        let mut place = vec![None; 40];
        for (number, unit) in units.iter().enumerate() {
            let members = match unit {
                Unit::One(one) => vec![*one],
                Unit::Circle(several) => several.clone(),
            };
            prop_assert!(members.is_sorted());
            for member in members {
                prop_assert_eq!(place[member].replace(number), None);
            }
        }
        for (operation, needs) in needs.iter().enumerate() {
            for need in needs {
                prop_assert!(place[*need].unwrap() <= place[operation].unwrap());
            }
        }
        if edges.iter().all(|(from, to)| from >= to) {
            prop_assert!(units.iter().zip(0..).all(|(unit, number)| *unit == Unit::One(number)));
        }
    }
}
