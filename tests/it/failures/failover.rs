//! The primary dies again and again while clients ask; the standby, which has every acknowledged commit, takes its place.

use super::gateway::Gateway;
use super::ledger::audit;
use super::load::Load;
use super::pair::Pair;
use super::repeated;

#[test]
fn failovers_to_a_synchronous_standby_lose_no_acknowledged_write() {
    let mut pair = Pair::start();
    let gateway = Gateway::on(&pair.url());
    let serving = gateway.serve();
    let load = Load::start(&serving.url, &gateway.token);
    for _ in 0..repeated("SCIMGATE_FAILOVERS", 2) {
        load.await_acknowledged(100);
        pair.fail_over();
    }
    load.await_acknowledged(100);
    audit(&pair.primary(), &load.finish());
}
