//! Resolving names: the table of what a file declares, and findings about names that it doesn't.
//!
//! A name that is not declared but near to one that is stands for it in all further checks, so that one slip of the
//! pen gives one finding.

use super::Findings;
use crate::diagnostic::{Diagnostic, Place, Span, did_you_mean};
use crate::procedure::definition::{
    DeadlineIndex, Fact, LetterIndex, OutcomeIndex, RoleIndex, Run, StepIndex,
};
use crate::procedure::document::{PhaseDocument, ProcedureDocument, StepDocument, Written};
use crate::procedure::name::{fault_of, look};
use std::collections::BTreeMap;

/// What the names of a file stand for.
pub(super) struct Names {
    roles: Table,
    steps: Table,
    deadlines: Table,
    letters: Table,
    /// The outcomes of each step, in the order of the steps.
    outcomes: Vec<Table>,
    /// Whether each step is a decision.
    decisions: Vec<bool>,
    /// Whether each step is a right rather than a duty.
    optional: Vec<bool>,
    /// Whether each step is done by several, or for each of a list.
    several: Vec<bool>,
    /// The phases by name, with their steps.
    phases: Vec<(String, Vec<StepIndex>, Run)>,
}

/// Names in order, each with its place.
struct Table {
    names: Vec<(String, Place)>,
    what: &'static str,
    code: &'static str,
}

impl Table {
    fn new<'a>(
        what: &'static str,
        code: &'static str,
        names: impl Iterator<Item = &'a Written>,
    ) -> Self {
        let names = names.map(|name| (name.text.clone(), name.place.clone())).collect();
        Self { names, what, code }
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|(known, _)| known == name)
    }

    /// Returns the position of `name`, or of the one that it is a slip of; reports a name that is not there.
    fn resolve(&self, name: &str, place: &Place, findings: &mut Findings) -> Option<usize> {
        if let Some(position) = self.position(name) {
            return Some(position);
        }
        // Where no role is declared, the missing declaration is the finding.
        if self.names.is_empty() && self.what == "role" {
            findings.misread();
            return None;
        }
        let near = did_you_mean(name, self.names.iter().map(|(known, _)| known.as_str()));
        let what = self.what;
        let finding = Diagnostic::error(self.code, place)
            .message(format!("no {what} `{name}`"))
            .label(format!("{what} not declared"));
        findings.add(match near {
            Some(near) => finding
                .help(format!("{} with a similar name exists: `{near}`", self.with_article()))
                .suggest(place.span, near),
            None => finding.help(self.listed()),
        });
        if near.is_none() {
            findings.misread();
        }
        near.and_then(|near| self.position(near))
    }

    fn with_article(&self) -> String {
        let article = if self.what.starts_with('o') { "an" } else { "a" };
        format!("{article} {}", self.what)
    }

    fn listed(&self) -> String {
        let names: Vec<String> =
            self.names.iter().take(12).map(|(name, _)| format!("`{name}`")).collect();
        if names.is_empty() {
            return format!("this file declares no {}", self.what);
        }
        let more = if self.names.len() > 12 { ", …" } else { "" };
        format!("this file has {}{more}", names.join(", "))
    }
}

impl Names {
    /// Returns the names that `document` declares, and reports those that are badly formed, double or look alike.
    pub(super) fn declared(document: &ProcedureDocument, findings: &mut Findings) -> Self {
        let filings = document.appeals.iter().map(|appeal| &appeal.filing);
        let steps: Vec<&StepDocument> =
            document.steps.iter().chain(&document.acts).chain(filings.clone()).collect();
        // Several may appeal, each in his own window.
        let in_file = document.steps.len() + document.acts.len();
        let own_deadlines = document
            .steps
            .iter()
            .chain(filings)
            .filter(|step| step.within.is_some())
            .map(|step| &step.name);
        let deadlines =
            document.deadlines.iter().map(|deadline| &deadline.name).chain(own_deadlines);
        let outcomes = |step: &&StepDocument| {
            Table::new("outcome", "unknown-outcome", step.outcomes.iter().map(|o| &o.name))
        };
        let mut names = Self {
            optional: steps.iter().map(|step| step.optional).collect(),
            several: steps
                .iter()
                .enumerate()
                .map(|(index, step)| step.each.is_some() || index >= in_file)
                .collect(),
            phases: Vec::new(),
            roles: Table::new("role", "unknown-role", document.roles.iter().map(|role| &role.name)),
            outcomes: steps.iter().map(outcomes).collect(),
            decisions: steps.iter().map(|step| step.decision).collect(),
            steps: Table::new("step", "unknown-step", steps.iter().map(|step| &step.name)),
            deadlines: Table::new("deadline", "unknown-deadline", deadlines),
            letters: Table::new(
                "letter",
                "unknown-letter",
                document.letters.iter().map(|letter| &letter.name),
            ),
        };
        names.phases = document.phases.iter().map(|phase| names.members(phase)).collect();
        names.check(document, findings);
        names
    }

    /// Returns a phase with its steps, as far as they are known; those that are not are reported elsewhere.
    fn members(&self, phase: &PhaseDocument) -> (String, Vec<StepIndex>, Run) {
        let steps = phase.steps.iter().filter_map(|name| self.exact_step(&name.text)).collect();
        let first_only = phase.run.as_ref().is_some_and(|run| run.text == "first-only");
        let run = if first_only { Run::FirstOnly } else { Run::Together };
        (phase.name.text.clone(), steps, run)
    }

    /// Returns the phase of this exact name.
    pub(super) fn phase(&self, name: &str) -> Option<usize> {
        self.phases.iter().position(|(known, ..)| known == name)
    }

    /// Returns the steps of a phase, and whether only the first of them is done.
    pub(super) fn phase_members(&self, phase: usize) -> (&[StepIndex], Run) {
        self.phases.get(phase).map_or((&[], Run::Together), |(_, steps, run)| (steps, *run))
    }

    /// Whether a step is a right rather than a duty.
    pub(super) fn is_optional(&self, step: StepIndex) -> bool {
        self.optional.get(step.0).copied().unwrap_or(false)
    }

    fn check(&self, document: &ProcedureDocument, findings: &mut Findings) {
        let of = |names: &[Written]| -> Vec<(String, Place)> {
            names.iter().map(|name| (name.text.clone(), name.place.clone())).collect()
        };
        let mut things = self.steps.names.clone();
        things
            .extend(document.deadlines.iter().map(|d| (d.name.text.clone(), d.name.place.clone())));
        things.extend(document.phases.iter().map(|p| (p.name.text.clone(), p.name.place.clone())));
        check_names(&things, findings);
        check_reserved(&things, &["received", "opened", "data"], findings);
        check_names(&self.roles.names, findings);
        check_names(&self.letters.names, findings);
        for table in &self.outcomes {
            check_names(&table.names, findings);
            check_reserved(
                &table.names,
                &["any", "final", "lapsed", "due", "end", "penalty-ended", "sent"],
                findings,
            );
        }
        if let Some(case) = &document.case {
            check_names(&of(&case.channels), findings);
        }
        // These are named once or more, and nothing is declared that they could be confused with.
        check_form(&document.name, findings);
        for name in named_freely(document) {
            check_form(name, findings);
        }
    }

    /// Returns the role that a name stands for.
    pub(super) fn role(&self, name: &Written, findings: &mut Findings) -> Option<RoleIndex> {
        self.roles.resolve(&name.text, &name.place, findings).map(RoleIndex)
    }

    /// Returns the roles that names stand for.
    pub(super) fn roles(&self, names: &[Written], findings: &mut Findings) -> Vec<RoleIndex> {
        names.iter().filter_map(|name| self.role(name, findings)).collect()
    }

    /// Returns the letter that a name stands for.
    pub(super) fn letter(
        &self,
        name: &str,
        place: &Place,
        findings: &mut Findings,
    ) -> Option<LetterIndex> {
        self.letters.resolve(name, place, findings).map(LetterIndex)
    }

    /// Returns the step that a name stands for.
    pub(super) fn step(&self, name: &Written, findings: &mut Findings) -> Option<StepIndex> {
        self.steps.resolve(&name.text, &name.place, findings).map(StepIndex)
    }

    /// Returns the steps that names stand for.
    pub(super) fn steps(&self, names: &[Written], findings: &mut Findings) -> Vec<StepIndex> {
        names.iter().filter_map(|name| self.step(name, findings)).collect()
    }

    /// Returns the step of this exact name.
    pub(super) fn exact_step(&self, name: &str) -> Option<StepIndex> {
        self.steps.position(name).map(StepIndex)
    }

    /// Returns the deadline of this exact name.
    pub(super) fn exact_deadline(&self, name: &str) -> Option<DeadlineIndex> {
        self.deadlines.position(name).map(DeadlineIndex)
    }

    /// Whether a step has an outcome of this exact name.
    pub(super) fn has_outcome(&self, step: StepIndex, name: &str) -> bool {
        self.outcomes.get(step.0).is_some_and(|table| table.position(name).is_some())
    }

    /// Returns the fact that `x`, `x.any`, `x.outcome`, `x.final`, `x.lapsed` or `x.penalty-ended` stands for.
    pub(super) fn fact(&self, written: &Written, findings: &mut Findings) -> Option<Fact> {
        let Written { text, place } = written;
        let Some((of, what)) = text.split_once('.') else {
            return self.step(written, findings).map(Fact::Done);
        };
        let of_place = part(place, text, 0, of.len());
        let what_place = part(place, text, of.len() + 1, text.len());
        if what == "lapsed" {
            return self.deadline(of, &of_place, findings).map(Fact::Lapsed);
        }
        if what == "penalty-ended" {
            return self.deadline(of, &of_place, findings).map(Fact::PenaltyEnded);
        }
        let step = self.steps.resolve(of, &of_place, findings)?;
        if what == "any" {
            if !self.several.get(step).copied().unwrap_or(true) {
                let finding = Diagnostic::error("done-once", place)
                    .message(format!("step `{of}` is done once, not by several"))
                    .label("there is no first of several");
                findings
                    .add(finding.help(format!("write just `{of}`, or give it a list with `each`")));
            }
            return Some(Fact::First(StepIndex(step)));
        }
        if what == "final" {
            if !self.decisions.get(step).copied().unwrap_or(false) {
                let message = format!("step `{of}` is no decision, so it never becomes final");
                let finding = Diagnostic::error("no-decision", place).message(message);
                findings.add(finding.label("only a decision becomes final").help(format!(
                    "add `decision: true` to `{of}`, or write `{of}` without `.final`"
                )));
            }
            return Some(Fact::Final(StepIndex(step)));
        }
        let table = self.outcomes.get(step)?;
        if table.names.is_empty() {
            let finding = Diagnostic::error("unknown-outcome", &what_place)
                .message(format!("step `{of}` has no outcomes"))
                .label("no such outcome");
            findings
                .add(finding.help(format!("declare `outcomes:` in `{of}`, or write just `{of}`")));
            return Some(Fact::Done(StepIndex(step)));
        }
        let outcome = table.resolve(what, &what_place, findings)?;
        Some(Fact::EndedAs(StepIndex(step), OutcomeIndex(outcome)))
    }

    /// Returns the deadline that a name stands for; a step that has no term is said to be that.
    pub(super) fn deadline(
        &self,
        of: &str,
        place: &Place,
        findings: &mut Findings,
    ) -> Option<DeadlineIndex> {
        if self.deadlines.position(of).is_none() && self.steps.position(of).is_some() {
            let finding = Diagnostic::error("unknown-deadline", place)
                .message(format!("step `{of}` has no deadline that could lapse"))
                .label("it has no `within`");
            findings.add(finding.help(format!("give `{of}` a term: `within: 2 weeks`")));
            findings.misread();
            return None;
        }
        self.deadlines.resolve(of, place, findings).map(DeadlineIndex)
    }
}

/// Returns the place of a part of a text as typed; the whole where quotes or escapes make them differ.
pub(super) fn part(place: &Place, text: &str, start: usize, end: usize) -> Place {
    let typed = place.text();
    let quote = usize::from(typed.starts_with(['"', '\'']));
    if typed.get(quote..typed.len() - quote.min(typed.len())) != Some(text) {
        return place.clone();
    }
    let first = place.span.start + quote;
    place.with_span(Span::new(first + start, first + end))
}

/// Returns the names of letters and of the statuses with which cases end.
fn named_freely(document: &ProcedureDocument) -> impl Iterator<Item = &Written> {
    let filings = document.appeals.iter().map(|appeal| &appeal.filing);
    let steps = document.steps.iter().chain(&document.acts).chain(filings);
    let of_steps = steps.flat_map(|step| {
        let outcomes = step.outcomes.iter().flat_map(|o| o.letter.iter().chain(&o.ends));
        step.letter.iter().chain(&step.ends).chain(outcomes)
    });
    let extensions = document.deadlines.iter().flat_map(|deadline| &deadline.extend);
    of_steps.chain(extensions.filter_map(|extend| extend.letter.as_ref()))
}

fn check_form(name: &Written, findings: &mut Findings) {
    if let Some(fault) = fault_of(&name.text) {
        findings.add(invalid(&name.text, &name.place, fault));
    }
}

fn invalid(name: &str, place: &Place, fault: &str) -> Diagnostic {
    Diagnostic::error("invalid-name", place)
        .message(format!("`{name}` can't be a name"))
        .label(fault)
        .help("use letters, digits and single hyphens: `eerste-gesprek`")
}

/// Reports names that conditions read as something else.
fn check_reserved(names: &[(String, Place)], reserved: &[&str], findings: &mut Findings) {
    for (name, place) in names.iter().filter(|(name, _)| reserved.contains(&name.as_str())) {
        let finding = Diagnostic::error("reserved-name", place)
            .message(format!("`{name}` has a meaning of its own"))
            .label("conditions would read it as that");
        findings.add(finding.help("choose another name"));
    }
}

fn check_names(names: &[(String, Place)], findings: &mut Findings) {
    let mut by_look: BTreeMap<String, &(String, Place)> = BTreeMap::new();
    for named in names {
        let (name, place) = named;
        if let Some(fault) = fault_of(name) {
            findings.add(invalid(name, place, fault));
            continue;
        }
        match by_look.get(&look(name)) {
            None => {
                by_look.insert(look(name), named);
            }
            Some((other, first)) if other == name => {
                let finding = Diagnostic::error("same-name", place)
                    .message(format!("two things are called `{name}`"))
                    .label("this one")
                    .related(first, "and this one");
                findings.add(
                    finding.help("steps, deadlines, acts and appeals share one list of names"),
                );
            }
            Some((other, first)) => {
                let finding = Diagnostic::error("look-alike-names", place)
                    .message(format!("`{name}` looks like `{other}`"))
                    .label("this one")
                    .related(first, "and this one");
                findings.add(finding.help("readers can't tell them apart; rename one"));
            }
        }
    }
}
