//! `circular-deadlines`: deadlines that count from each other's end, so that none of them has a date.

use crate::diagnostic::Diagnostic;
use crate::procedure::definition::{DeadlineIndex, Procedure};
use std::collections::BTreeSet;

pub(super) fn check(procedure: &Procedure) -> Vec<Diagnostic> {
    let mut reported: BTreeSet<DeadlineIndex> = BTreeSet::new();
    let mut findings = Vec::new();
    for (index, rule) in procedure.deadlines() {
        if reported.contains(&index) {
            continue;
        }
        let mut way = vec![index];
        if !leads_to(procedure, index, index, &mut BTreeSet::new(), &mut way) {
            continue;
        }
        reported.extend(&way);
        let names: Vec<&str> = way.iter().map(|on| procedure.deadline(*on).name.as_str()).collect();
        let finding = Diagnostic::error("circular-deadlines", &rule.rule.place)
            .message(format!("deadline `{}` counts from its own end", rule.name))
            .label(format!("{} → {}", names.join(" → "), rule.name));
        findings.push(finding.help("let one of them count from an event"));
    }
    findings
}

/// Finds a way from one deadline to another along the ends that they count from.
fn leads_to(
    procedure: &Procedure,
    from: DeadlineIndex,
    to: DeadlineIndex,
    seen: &mut BTreeSet<DeadlineIndex>,
    way: &mut Vec<DeadlineIndex>,
) -> bool {
    let ends = procedure.deadline(from).anchors().flat_map(|anchor| anchor.ends());
    for next in ends.copied() {
        if next == to {
            return true;
        }
        if seen.insert(next) {
            way.push(next);
            if leads_to(procedure, next, to, seen, way) {
                return true;
            }
            way.pop();
        }
    }
    false
}
