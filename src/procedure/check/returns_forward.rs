//! `returns-forward`: `return-to` names what can't be gone back to.

use crate::diagnostic::Diagnostic;
use crate::procedure::definition::{Procedure, ReturnTo, StepIndex, StepKind};

pub(super) fn check(procedure: &Procedure) -> Vec<Diagnostic> {
    let of_step = |(index, _)| {
        let ways = procedure.ways_back(index);
        ways.into_iter().filter_map(move |back| wrong(procedure, index, back))
    };
    procedure.steps().flat_map(of_step).collect()
}

fn wrong(procedure: &Procedure, from: StepIndex, back: &ReturnTo) -> Option<Diagnostic> {
    let target = procedure.step(back.step);
    let finding = Diagnostic::error("returns-forward", &back.place);
    match target.kind {
        StepKind::AtAnyTime => Some(
            finding
                .message(format!("a case can't go back to `{}`", target.name))
                .label("possible at any time, so no case stands there")
                .help("name a step that is done earlier"),
        ),
        StepKind::Appeal(_) => Some(
            finding
                .message(format!("a case can't go back to `{}`", target.name))
                .label("an appeal is filed by whoever wants it")
                .help("name the decision, or another step that is done earlier"),
        ),
        StepKind::InCourse => {
            let later = procedure.from_there_on(from).contains(&back.step);
            let earlier = procedure.from_there_on(back.step).contains(&from);
            (later && !earlier).then(|| {
                let name = &procedure.step(from).name;
                finding
                    .message(format!(
                        "`{}` comes after `{name}`, so nothing goes back",
                        target.name
                    ))
                    .label("a later step")
                    .related(&target.rule.place, "this step")
                    .help("name an earlier step; a later one comes by its own `after`")
            })
        }
    }
}
