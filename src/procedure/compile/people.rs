//! Compiling what one person may not combine, and who is barred.

use super::names::part;
use super::steps::{Context, field};
use super::{Findings, breach, rule};
use crate::diagnostic::{Diagnostic, Place};
use crate::procedure::definition::{Breach, Procedure, StepKind};
use crate::procedure::document::{StepDocument, Written};
use crate::procedure::name::Name;
use crate::procedure::people::{
    Acts, Apart, ApartDocument, Bar, Barred, Panel, Same, SameDocument,
};
use crate::schema::FieldKind;

/// What a file says about people, before the names of appeals stand for their steps.
pub(super) struct People {
    apart: Vec<Apart>,
    same: Vec<Same>,
    of_roles: Vec<Vec<Bar>>,
    of_steps: Vec<Vec<Bar>>,
    panels: Vec<Option<Panel>>,
}

/// Compiles what a file says about people.
pub(super) fn people(context: &Context<'_>, findings: &mut Findings) -> People {
    let document = context.document;
    let apart = document.apart.iter().map(|one| apart(context, one, findings)).collect();
    let same = document.same.iter().map(|one| same(context, one, findings)).collect();
    let roles = document.roles.iter();
    let of_roles = roles
        .map(|role| {
            let breach = breach(role.breach.as_ref());
            bars(context, &role.not, role.cite.as_ref(), breach, findings)
        })
        .collect();
    let filings = document.appeals.iter().map(|appeal| &appeal.filing);
    let steps = document.steps.iter().chain(&document.acts).chain(filings);
    let panels = steps.clone().map(|step| panel(context, step, findings)).collect();
    let of_steps = steps
        .map(|step| {
            let breach = breach(step.breach.as_ref());
            bars(context, &step.not, step.cite.as_ref(), breach, findings)
        })
        .collect();
    People { apart, same, of_roles, of_steps, panels }
}

impl People {
    /// Puts it into a procedure of which all else is there.
    pub(super) fn put_into(mut self, procedure: &mut Procedure) {
        let all = self.of_roles.iter_mut().chain(&mut self.of_steps).flatten();
        let in_bars = all.filter_map(|bar| match &mut bar.whom {
            Barred::Step(acts) | Barred::UnitOfStep(acts) => Some(acts),
            Barred::Party(_) | Barred::Role(_) | Barred::Data(_) | Barred::UnitOfRole(_) => None,
        });
        for acts in in_bars.chain(self.apart.iter_mut().flat_map(|apart| &mut apart.steps)) {
            let whole = acts.steps.iter().flat_map(|step| match procedure.step(*step).kind {
                // Who files an appeal has no part in what is done about it.
                StepKind::Appeal(_) => procedure.steps_of_appeal(*step),
                StepKind::InCourse | StepKind::AtAnyTime => vec![*step],
            });
            acts.steps = whole.collect();
        }
        procedure.apart = self.apart;
        procedure.same = self.same;
        for (role, bars) in procedure.roles.iter_mut().zip(self.of_roles) {
            role.not = bars;
        }
        let of_steps = self.of_steps.into_iter().zip(self.panels);
        for (step, (bars, panel)) in procedure.steps.iter_mut().zip(of_steps) {
            step.not = bars;
            step.panel = panel;
        }
    }
}

fn apart(context: &Context<'_>, written: &ApartDocument, findings: &mut Findings) -> Apart {
    let mut roles = context.names.roles(&written.roles, findings);
    roles.sort_unstable();
    roles.dedup();
    let steps: Vec<Acts> =
        written.steps.iter().filter_map(|name| acts(context, name, findings)).collect();
    if written.roles.len() + written.steps.len() < 2 {
        let finding = Diagnostic::error("apart-from-nothing", &written.place)
            .message("one thing alone is kept apart from nothing")
            .label("it names one role or step");
        findings.add(finding.help("name two or more: `{ roles: [behandelaar], steps: [advies] }`"));
    }
    for name in &written.steps {
        if let Some(step) = context.document.steps.iter().find(|step| step.name.text == name.text)
            && !step.has_who
        {
            let finding = Diagnostic::error("apart-from-nobody", &name.place)
                .message(format!("nobody does `{}`, so nobody can be kept from it", name.text))
                .label("the engine does it");
            findings.add(finding.help("name a step that has `who`"));
        }
    }
    let rule = rule(&written.place, written.cite.as_ref());
    let breach = breach(written.breach.as_ref());
    Apart { title: written.title.clone(), roles, steps, breach, rule }
}

fn same(context: &Context<'_>, written: &SameDocument, findings: &mut Findings) -> Same {
    let names = context.names;
    let document = context.document;
    let mut steps = Vec::new();
    let mut able: Option<Vec<&str>> = None;
    for name in &written.steps {
        let Some(index) = names.step(name, findings) else { continue };
        steps.push(index);
        let Some(step) = document.steps.get(index.get()) else {
            let finding = Diagnostic::error("same-person", &name.place)
                .message(format!("`{}` is no step of the course, so it is nobody's", name.text))
                .label("not a step");
            findings.add(finding.help("name steps that stand under `steps`"));
            continue;
        };
        if let Some(panel) = &step.panel {
            let finding = Diagnostic::error("same-person", &name.place)
                .message(format!("several people do `{}` together", name.text))
                .label("a panel does it")
                .related(&panel.place, "the panel");
            findings.add(finding.help("leave it out of `same`"));
            break;
        }
        let who = |role: &&str| step.who.iter().any(|one| one.text == *role);
        able = Some(match able {
            None => step.who.iter().map(|role| role.text.as_str()).collect(),
            Some(able) => able.into_iter().filter(who).collect(),
        });
        if able.as_ref().is_some_and(Vec::is_empty) {
            let finding = Diagnostic::error("same-person", &name.place)
                .message(format!("nobody can do `{}` and the steps before it", name.text))
                .label("no role does all of them");
            findings.add(finding.help("give these steps a role in common: `who: …`"));
            break;
        }
    }
    Same { steps, rule: rule(&written.place, written.cite.as_ref()) }
}

/// Compiles how several people do a step together.
fn panel(context: &Context<'_>, step: &StepDocument, findings: &mut Findings) -> Option<Panel> {
    let written = step.panel.as_ref()?;
    let number = |written: &Option<Written>| {
        written.as_ref().and_then(|number| number.text.parse::<usize>().ok())
    };
    let of = number(&written.of)?;
    let quorum = number(&written.quorum).unwrap_or(of);
    let chair = written.chair.as_ref().and_then(|chair| context.names.role(chair, findings));
    let mut wrong = |place: &Place, message: String, label: &str, help: &str| {
        let finding = Diagnostic::error("panel-cannot-decide", place).message(message);
        findings.add(finding.label(label).help(help));
    };
    if let Some(said) = written.quorum.as_ref().filter(|_| quorum > of) {
        let message = format!("{quorum} of {of} people never vote");
        wrong(&said.place, message, "more than there are", "ask for fewer, or for a larger panel");
    }
    if !step.has_who {
        let message = format!("nobody is on the panel of `{}`", step.name.text);
        wrong(&written.place, message, "the step has no `who`", "say who votes: `who: …`");
    }
    if let Some(said) = &written.chair
        && step.has_who
        && chair.is_some()
        && !step.who.iter().any(|role| role.text == said.text)
    {
        let message = format!("`{}` presides, and has no vote", said.text);
        wrong(&said.place, message, "not among `who`", "add the role to `who` of the step");
    }
    let unanimous = written.decides.as_ref().is_some_and(|decides| decides.text == "unanimous");
    Some(Panel { of, quorum, unanimous, chair, rule: rule(&written.place, written.cite.as_ref()) })
}

fn acts(context: &Context<'_>, name: &Written, findings: &mut Findings) -> Option<Acts> {
    let names = context.names;
    let steps = match names.phase(&name.text) {
        Some(phase) => names.phase_members(phase).0.to_vec(),
        None => vec![names.step(name, findings)?],
    };
    Some(Acts { name: Name::from(name.text.as_str()), steps })
}

fn bars(
    context: &Context<'_>,
    written: &[Written],
    cite: Option<&String>,
    breach: Breach,
    findings: &mut Findings,
) -> Vec<Bar> {
    let bar = |one: &Written| {
        let whom = barred(context, one, findings)?;
        Some(Bar { whom, breach, rule: rule(&one.place, cite) })
    };
    written.iter().filter_map(bar).collect()
}

/// Returns whom `parties.role`, `roles.role`, `data.field`, `steps.step`, `unit.role` or `unit.step` bars.
fn barred(context: &Context<'_>, written: &Written, findings: &mut Findings) -> Option<Barred> {
    let (kind, of) = written.text.split_once('.')?;
    let place = part(&written.place, &written.text, kind.len() + 1, written.text.len());
    let name = Written { text: of.to_owned(), place };
    let names = context.names;
    match kind {
        "parties" => {
            let role = names.role(&name, findings)?;
            if !context.document.roles.get(role.get()).is_some_and(|role| role.party) {
                let finding = Diagnostic::error("not-a-party", &name.place)
                    .message(format!("`{of}` is no party in a case"))
                    .label("a staff role");
                findings.add(finding.help(format!("write `roles.{of}` for who acted in it")));
            }
            Some(Barred::Party(role))
        }
        "roles" => names.role(&name, findings).map(Barred::Role),
        "steps" => acts(context, &name, findings).map(Barred::Step),
        "unit" if names.exact_step(of).is_some() || names.phase(of).is_some() => {
            acts(context, &name, findings).map(Barred::UnitOfStep)
        }
        "unit" => names.role(&name, findings).map(Barred::UnitOfRole),
        "data" => {
            let (_, kind) = field(context, written, findings)?;
            if !is_text(&kind) {
                let finding = Diagnostic::error("names-nobody", &name.place)
                    .message(format!("`data.{of}` is no text, so it names nobody"))
                    .label("not a text");
                findings.add(finding.help("name a field with `type: string`, or a list of them"));
            }
            Some(Barred::Data(of.to_owned()))
        }
        _ => None,
    }
}

/// Whether a field holds texts: one, or a list of them.
fn is_text(kind: &FieldKind) -> bool {
    match kind {
        FieldKind::Text { .. } | FieldKind::Unknown => true,
        FieldKind::List(items) => is_text(items),
        FieldKind::Boolean
        | FieldKind::Integer
        | FieldKind::Number
        | FieldKind::Date
        | FieldKind::Moment
        | FieldKind::Record(_) => false,
    }
}
