//! The control-flow patterns of van der Aalst and others (workflowpatterns.com: N. Russell, A. ter Hofstede, W. van der
//! Aalst, N. Mulyar, *Workflow Control-Flow Patterns: A Revised View*, BPM-06-22, 2006), each in the language of procedures.
//!
//! Each test is named after its pattern and number. Six are not here, since they only make sense where tokens flow and may
//! pile up: 8 multi-merge, 28 blocking discriminator, 31 blocking partial join, 33 generalised AND-join, 41 thread merge,
//! 42 thread split. A step of a case is open once or it is not.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use verloop::case::{
    Act, Actor, Case, Command, Do, Instance, Marking, Open, Party, Person, PersonId, Status,
    decide, pass_time,
};
use verloop::diagnostic::{Source, Style, render};
use verloop::procedure::{Name, Procedure, compile};
use verloop::scenario::Script;
use verloop::time::{Almanac, Instant, parse_instant};
use verloop::yaml::{Limits, read};

/// A case under way: staff `a` and `b`, who may do everything, and two complainants.
struct Course {
    procedure: Arc<Procedure>,
    case: Case,
    now: Instant,
}

fn person(id: &str) -> Person {
    Person::new(PersonId::staff(id), [Name::from("staff")].into())
}

impl Course {
    /// Opens a case under a procedure of these steps.
    fn of(steps: &str) -> Self {
        Self::with(steps, json!({}))
    }

    fn with(steps: &str, data: Value) -> Self {
        let mut text = String::from(
            "procedure: pattern\njurisdiction: nl\nroles: { staff: {}, klager: { party: true } }\n\
             case: { who: [staff], properties: { lijst: { type: array, items: { type: string } }, \
             spoed: { type: boolean } } }\n",
        );
        text.push_str(steps);
        if !steps.contains("at-any-time:") {
            text.push_str("\nat-any-time: { stop: { who: staff, ends: stopped } }\n");
        }
        let root = read(&Source::new("pattern.yaml", text), &Limits::default()).expect("YAML");
        let compiled = compile(&root, &BTreeMap::new(), &Almanac::shipped());
        let procedure = match compiled {
            Ok(compiled) => compiled.procedure,
            Err(findings) => panic!("{}", render(&findings, Style::Plain)),
        };
        let now = parse_instant("2026-03-02T09:00", &procedure.zone).expect("a time");
        let mut course = Self { procedure, case: Case::default(), now };
        let Value::Object(data) = data else { panic!("the data are a record") };
        let party = |id: &str| Party::new("klager", PersonId::staff(id)).called(id);
        let open = Act::Open(Open {
            reference: "1".to_owned(),
            channel: None,
            received_at: now,
            parties: vec![party("anna"), party("bert")],
            data,
            confidential: false,
            forwarded_by: None,
            origin: None,
        });
        course.ask("a", open).expect("the case is opened");
        course
    }

    fn ask(&mut self, by: &str, act: Act) -> Result<(), String> {
        let now = self.now;
        let command = Command {
            at: now,
            now,
            actor: Actor::new(person(by)),
            seen: None,
            act,
            documents: Vec::new(),
        };
        match decide(&self.procedure, &self.case, &command) {
            Ok(events) => {
                self.case = events.iter().fold(std::mem::take(&mut self.case), Case::apply);
                Ok(())
            }
            Err(refusal) => Err(refusal.code().to_owned()),
        }
    }

    /// Does a step: `step`, `step.outcome`, `step(item)`, also with a form.
    fn does(&mut self, what: &str) -> &mut Self {
        self.records(what, json!({}))
    }

    fn records(&mut self, what: &str, form: Value) -> &mut Self {
        let act = Self::act(what, form);
        if let Err(code) = self.ask("a", act) {
            panic!("{what} was refused: {code}");
        }
        self
    }

    fn act(what: &str, form: Value) -> Act {
        let (what, item) = match what.split_once('(') {
            Some((what, item)) => (what, Some(item.trim_end_matches(')').to_owned())),
            None => (what, None),
        };
        let (step, outcome) = match what.split_once('.') {
            Some((step, outcome)) => (step, Some(Name::from(outcome))),
            None => (what, None),
        };
        let Value::Object(form) = form else { panic!("a form is a record") };
        Act::Do(Do { step: step.to_owned(), item, outcome, form, ..Do::default() })
    }

    /// A step is refused for this reason.
    fn refuses(&mut self, what: &str, code: &str) -> &mut Self {
        let refused = self.ask("a", Self::act(what, json!({})));
        assert_eq!(refused, Err(code.to_owned()), "{what}");
        self
    }

    fn claims(&mut self, by: &str, step: &str) -> Result<(), String> {
        let instance = Instance::only(&Name::from(step));
        self.ask(by, Act::Assign { instance, to: Some(person(by)) })
    }

    /// Lets time pass.
    fn waits_until(&mut self, day: &str) -> &mut Self {
        self.now = parse_instant(day, &self.procedure.zone).expect("a time");
        let passed = pass_time(&self.procedure, &self.case, self.now).expect("time passes");
        self.case = passed.iter().fold(std::mem::take(&mut self.case), Case::apply);
        self
    }

    /// What can be done now, in the order of the text, acts at any time left out.
    fn open(&self) -> Vec<String> {
        let marking = Marking::of(&self.procedure, &self.case);
        let in_course = self.procedure.steps().filter(|(index, step)| {
            marking.standing(*index).is_open()
                && step.kind == verloop::procedure::StepKind::InCourse
        });
        let named = in_course.flat_map(|(index, step)| {
            let items = marking.open_items(index);
            items.into_iter().map(|item| match item {
                Some(item) => format!("{}({item})", step.name),
                None => step.name.to_string(),
            })
        });
        named.collect()
    }

    #[track_caller]
    fn is_open(&mut self, steps: &[&str]) -> &mut Self {
        assert_eq!(self.open(), steps);
        self
    }

    #[track_caller]
    fn ended(&mut self, status: &str) -> &mut Self {
        let ended = self.case.status.ended_as().map(Name::to_string);
        assert_eq!(ended.as_deref(), Some(status));
        self
    }

    #[track_caller]
    fn runs(&mut self) -> &mut Self {
        assert!(self.case.is_open(), "the case goes on");
        self
    }
}

#[test]
fn wcp_01_sequence() {
    Course::of("steps: { one: { who: staff }, two: { after: one, who: staff } }")
        .is_open(&["one"])
        .refuses("two", "step-not-due")
        .does("one")
        .is_open(&["two"]);
}

#[test]
fn wcp_02_parallel_split() {
    Course::of(
        "steps: { one: { who: staff }, left: { after: one, who: staff }, right: { after: one, who: staff } }",
    )
    .does("one")
    .is_open(&["left", "right"])
    .does("right")
    .is_open(&["left"]);
}

#[test]
fn wcp_03_synchronization() {
    Course::of(
        "steps: { left: { who: staff }, right: { who: staff }, join: { after: [left, right], who: staff } }",
    )
    .does("left")
    .refuses("join", "step-not-due")
    .does("right")
    .is_open(&["join"]);
}

#[test]
fn wcp_04_exclusive_choice() {
    let steps = "steps: { choice: { who: staff, outcomes: { left: {}, right: {} } }, \
                 left: { after: choice.left, who: staff }, right: { after: choice.right, who: staff } }";
    Course::of(steps).does("choice.left").is_open(&["left"]).refuses("right", "step-ruled-out");
    Course::of(steps).does("choice.right").is_open(&["right"]).refuses("left", "step-ruled-out");
}

#[test]
fn wcp_05_simple_merge() {
    let steps = "steps: { choice: { who: staff, outcomes: { left: {}, right: {} } }, \
                 left: { after: choice.left, who: staff }, right: { after: choice.right, who: staff }, \
                 merge: { after: { any: [left, right] }, who: staff } }";
    Course::of(steps).does("choice.left").does("left").is_open(&["merge"]);
    Course::of(steps).does("choice.right").does("right").is_open(&["merge"]);
}

const MULTI_CHOICE: &str = "steps: { choice: { who: staff, form: { required: [left, right], properties: \
    { left: { type: boolean }, right: { type: boolean } } } }, \
    left: { after: choice, when: known(steps.choice.form.left) && steps.choice.form.left, who: staff }, \
    right: { after: choice, when: known(steps.choice.form.right) && steps.choice.form.right, who: staff }, \
    merge: { after: { applicable: [left, right] }, who: staff } }";

#[test]
fn wcp_06_multi_choice() {
    let mut course = Course::of(MULTI_CHOICE);
    course.records("choice", json!({ "left": true, "right": true })).is_open(&["left", "right"]);
    let mut course = Course::of(MULTI_CHOICE);
    course.records("choice", json!({ "left": false, "right": true })).is_open(&["right"]);
}

#[test]
fn wcp_07_structured_synchronizing_merge() {
    let mut course = Course::of(MULTI_CHOICE);
    course.records("choice", json!({ "left": true, "right": true })).does("left");
    course.refuses("merge", "step-not-due").does("right").is_open(&["merge"]);
    let mut course = Course::of(MULTI_CHOICE);
    course
        .records("choice", json!({ "left": true, "right": false }))
        .does("left")
        .is_open(&["merge"]);
}

#[test]
fn wcp_09_structured_discriminator() {
    Course::of(
        "steps: { left: { who: staff }, right: { who: staff }, next: { after: { any: [left, right] }, who: staff } }",
    )
    .does("right")
    .is_open(&["left", "next"])
    .does("next")
    .does("left")
    .is_open(&[])
    .refuses("next", "already-done");
}

#[test]
fn wcp_10_arbitrary_cycles() {
    let steps = "steps: { one: { who: staff }, two: { after: one, who: staff, outcomes: { on: {}, back: { then: { return-to: one, limit: 2 } } } }, \
         three: { after: two.on, who: staff, outcomes: { on: {}, back: { then: { return-to: two, limit: 1 } } } } }";
    Course::of(steps)
        .does("one")
        .does("two.back")
        .is_open(&["one"])
        .does("one")
        .does("two.on")
        .does("three.back")
        .is_open(&["two"])
        .does("two.on")
        .does("three.on")
        .is_open(&[]);
}

#[test]
fn wcp_11_implicit_termination() {
    let steps = "steps: { left: { who: staff }, right: { who: staff }, \
                 close: { after: { applicable: [left, right] }, ends: done } }";
    Course::of(steps).does("left").runs().does("right").ended("done");
}

#[test]
fn wcp_12_multiple_instances_without_synchronization() {
    let steps = "steps: { talk: { who: staff, each: data.lijst }, next: { who: staff } }";
    Course::with(steps, json!({ "lijst": ["x", "y"] }))
        .is_open(&["talk(x)", "talk(y)", "next"])
        .does("next")
        .does("talk(y)")
        .is_open(&["talk(x)"]);
}

#[test]
fn wcp_13_multiple_instances_with_a_priori_design_time_knowledge() {
    let steps = "steps: { advise: { who: staff, each: [legal, financial] }, next: { after: advise, who: staff } }";
    Course::of(steps)
        .is_open(&["advise(legal)", "advise(financial)"])
        .does("advise(financial)")
        .refuses("next", "step-not-due")
        .does("advise(legal)")
        .is_open(&["next"]);
}

#[test]
fn wcp_14_multiple_instances_with_a_priori_run_time_knowledge() {
    let steps = "steps: { list: { who: staff, form: { required: [who], properties: { who: { type: array, items: { type: string } } } } }, \
                 talk: { after: list, who: staff, each: list.who }, next: { after: talk, who: staff } }";
    let mut course = Course::of(steps);
    course.records("list", json!({ "who": ["x", "y", "z"] }));
    course.is_open(&["talk(x)", "talk(y)", "talk(z)"]).does("talk(x)").does("talk(z)");
    course.refuses("next", "step-not-due").does("talk(y)").is_open(&["next"]);
}

#[test]
fn wcp_15_multiple_instances_without_a_priori_run_time_knowledge() {
    let steps = "steps: { talk: { who: staff, each: data.lijst }, next: { after: talk, who: staff } }\n\
                 at-any-time: { add: { who: staff, supplies: [lijst] }, stop: { who: staff, ends: stopped } }";
    let mut course = Course::with(steps, json!({ "lijst": ["x"] }));
    let mut data = Map::new();
    data.insert("lijst".to_owned(), json!(["x", "y"]));
    let add = Act::Do(Do { data, ..Do::step("add") });
    course.ask("a", add).expect("the list grows");
    course.is_open(&["talk(x)", "talk(y)"]).does("talk(x)").refuses("next", "step-not-due");
    course.does("talk(y)").is_open(&["next"]);
}

const REPLY_OR_LAPSE: &str = "phases: { answer: { steps: [reply, refusal, silence], run: first-only } }\n\
    steps: { ask: { who: staff }, reply: { after: ask, who: staff, within: 2 weeks }, refusal: { after: ask, who: staff }, \
    silence: { after: reply.lapsed }, next: { after: answer, who: staff } }";

#[test]
fn wcp_16_deferred_choice() {
    Course::of(REPLY_OR_LAPSE)
        .does("ask")
        .is_open(&["reply", "refusal"])
        .does("refusal")
        .is_open(&["next"])
        .refuses("reply", "cancelled");
    Course::of(REPLY_OR_LAPSE)
        .does("ask")
        .waits_until("2026-03-17T09:00")
        .is_open(&["next"])
        .refuses("reply", "cancelled");
}

const ONE_AT_A_TIME: &str = "phases: { investigate: { steps: [file, site, talk], run: one-at-a-time } }\n\
    steps: { file: { who: staff }, site: { who: staff }, talk: { after: site, who: staff }, next: { after: investigate, who: staff } }";

#[test]
fn wcp_17_interleaved_parallel_routing() {
    let mut course = Course::of(ONE_AT_A_TIME);
    course.claims("b", "site").expect("it is free");
    assert_eq!(course.claims("a", "file"), Err("one-at-a-time".to_owned()));
    course.refuses("file", "one-at-a-time").refuses("talk", "step-not-due");
    course.ask("b", Course::act("site", json!({}))).expect("it is b's");
    course.does("file").does("talk").is_open(&["next"]);
}

#[test]
fn wcp_18_milestone() {
    let steps = "steps: { invite: { who: staff }, papers: { after: invite, before: hearing, who: staff, optional: true }, \
                 hearing: { after: invite, who: staff }, next: { after: hearing, who: staff } }";
    Course::of(steps)
        .refuses("papers", "step-not-due")
        .does("invite")
        .does("papers")
        .is_open(&["hearing"]);
    Course::of(steps)
        .does("invite")
        .is_open(&["papers", "hearing"])
        .does("hearing")
        .is_open(&["next"])
        .refuses("papers", "past-its-time");
}

#[test]
fn wcp_19_cancel_task() {
    let steps = "steps: { mediate: { who: staff }, formal: { who: staff, cancels: mediate }, other: { who: staff } }";
    Course::of(steps).does("formal").is_open(&["other"]).refuses("mediate", "cancelled");
    Course::of(steps)
        .does("mediate")
        .does("formal")
        .is_open(&["other"])
        .refuses("mediate", "already-done");
}

#[test]
fn wcp_20_cancel_case() {
    Course::of("steps: { one: { who: staff }, two: { after: one, who: staff } }")
        .does("stop")
        .ended("stopped")
        .is_open(&[])
        .refuses("one", "case-not-open");
}

#[test]
fn wcp_21_structured_loop() {
    let steps = "steps: { one: { who: staff }, check: { after: one, who: staff, outcomes: { good: {}, again: { then: { return-to: one, limit: 2 } } } }, \
                 next: { after: check.good, who: staff } }";
    let mut course = Course::of(steps);
    for _ in 0..2 {
        course.does("one").does("check.again").is_open(&["one"]);
    }
    course.does("one").refuses("check.again", "return-limit").does("check.good").is_open(&["next"]);
}

const TRIGGERS: &str = "steps: { ready: { who: staff }, start: { after: ready, who: staff }, \
    flagged: { after: [ready, signal], who: staff } }\n\
    at-any-time: { signal: { who: staff }, stop: { who: staff, ends: stopped } }";

/// A piece of work gives a part of itself away as work of the same kind, and so does that part: cases of one procedure.
#[test]
fn wcp_22_recursion() {
    let path = Path::new("tests/scenarios/opdracht/een-deel-van-een-deel.yaml");
    let script = Script::read(path).expect("it can be read");
    let played = script.play().expect("it can be played");
    assert_eq!(played.failures, Vec::new());
    let first = played.file.expect("a case was opened");
    assert!(played.others.len() >= 2, "a part, and a part of that part");
    for part in &played.others {
        assert_eq!(part.procedure.name, first.procedure.name);
        assert_ne!(part.case.status, Status::Open, "{}", part.reference());
    }
    assert_ne!(first.case.status, Status::Open, "the whole ends when its parts have");
}

#[test]
fn wcp_23_transient_trigger() {
    // What comes before its turn is refused, and is not kept for later.
    Course::of(TRIGGERS).refuses("start", "step-not-due").does("ready").is_open(&["start"]);
}

#[test]
fn wcp_24_persistent_trigger() {
    Course::of(TRIGGERS)
        .does("signal")
        .is_open(&["ready"])
        .does("ready")
        .is_open(&["start", "flagged"]);
}

#[test]
fn wcp_25_cancel_region() {
    let steps = "phases: { investigate: { steps: [file, site] } }\n\
                 steps: { file: { who: staff }, site: { after: file, who: staff }, settle: { who: staff, cancels: investigate }, \
                 next: { after: settle, who: staff } }";
    Course::of(steps)
        .does("settle")
        .is_open(&["next"])
        .refuses("file", "cancelled")
        .refuses("site", "cancelled");
}

#[test]
fn wcp_26_cancel_multiple_instance_task() {
    let steps = "steps: { talk: { who: staff, each: [x, y, z] }, settle: { who: staff, cancels: talk }, next: { after: talk, who: staff } }";
    Course::of(steps)
        .does("talk(x)")
        .does("settle")
        .is_open(&[])
        .refuses("talk(y)", "cancelled")
        .refuses("next", "step-ruled-out");
}

#[test]
fn wcp_27_complete_multiple_instance_task() {
    let steps = "steps: { talk: { who: staff, each: [x, y, z], until: steps.enough.done }, enough: { who: staff }, next: { after: talk, who: staff } }";
    Course::of(steps)
        .does("talk(x)")
        .does("enough")
        .is_open(&["next"])
        .refuses("talk(y)", "already-done");
}

#[test]
fn wcp_29_cancelling_discriminator() {
    let steps = "phases: { race: { steps: [left, right], run: first-only } }\n\
                 steps: { left: { who: staff }, right: { who: staff }, next: { after: race, who: staff } }";
    Course::of(steps).does("right").is_open(&["next"]).refuses("left", "cancelled");
}

#[test]
fn wcp_30_structured_partial_join() {
    let steps = "steps: { x: { who: staff }, y: { who: staff }, z: { who: staff }, \
                 next: { after: { at-least: { n: 2, of: [x, y, z] } }, who: staff } }";
    Course::of(steps)
        .does("x")
        .refuses("next", "step-not-due")
        .does("z")
        .is_open(&["y", "next"])
        .does("next")
        .does("y")
        .is_open(&[]);
}

#[test]
fn wcp_32_cancelling_partial_join() {
    let steps = "phases: { votes: { steps: [x, y, z] } }\n\
                 steps: { x: { who: staff }, y: { who: staff }, z: { who: staff }, \
                 counted: { after: { at-least: { n: 2, of: [x, y, z] } }, cancels: votes }, next: { after: counted, who: staff } }";
    Course::of(steps).does("x").does("y").is_open(&["next"]).refuses("z", "cancelled");
}

#[test]
fn wcp_34_static_partial_join_for_multiple_instances() {
    let steps = "steps: { talk: { who: staff, each: [x, y, z], until: at least 2, rest: finish }, next: { after: talk, who: staff } }";
    Course::of(steps)
        .does("talk(x)")
        .refuses("next", "step-not-due")
        .does("talk(y)")
        .is_open(&["talk(z)", "next"])
        .does("next")
        .does("talk(z)")
        .is_open(&[]);
}

#[test]
fn wcp_35_cancelling_partial_join_for_multiple_instances() {
    let steps = "steps: { talk: { who: staff, each: [x, y, z], until: at least 2 }, next: { after: talk, who: staff } }";
    Course::of(steps)
        .does("talk(x)")
        .does("talk(z)")
        .is_open(&["next"])
        .refuses("talk(y)", "already-done");
}

#[test]
fn wcp_36_dynamic_partial_join_for_multiple_instances() {
    let steps = "steps: { talk: { who: staff, each: data.lijst, until: items.done * 2 > items.total }, next: { after: talk, who: staff } }\n\
                 at-any-time: { add: { who: staff, supplies: [lijst] }, stop: { who: staff, ends: stopped } }";
    let mut course = Course::with(steps, json!({ "lijst": ["x", "y"] }));
    course.does("talk(x)").refuses("next", "step-not-due");
    let mut data = Map::new();
    data.insert("lijst".to_owned(), json!(["x", "y", "z"]));
    course.ask("a", Act::Do(Do { data, ..Do::step("add") })).expect("the list grows");
    course.does("talk(z)").is_open(&["next"]).refuses("talk(y)", "already-done");
}

#[test]
fn wcp_37_acyclic_synchronizing_merge() {
    // The merge knows from the marking which of the branches can still come.
    let steps = "steps: { choice: { who: staff, outcomes: { both: {}, one: {} } }, \
                 left: { after: choice, who: staff }, right: { after: choice.both, who: staff }, after-right: { after: right, who: staff }, \
                 merge: { after: { applicable: [left, after-right] }, who: staff } }";
    Course::of(steps).does("choice.one").does("left").is_open(&["merge"]);
    Course::of(steps)
        .does("choice.both")
        .does("left")
        .refuses("merge", "step-not-due")
        .does("right")
        .does("after-right")
        .is_open(&["merge"]);
}

#[test]
fn wcp_38_general_synchronizing_merge() {
    // The same where a branch goes back: as long as it can still come, the merge waits for it.
    let steps = "steps: { left: { who: staff }, right: { who: staff, outcomes: { on: {}, off: {}, again: { then: { return-to: right, limit: 2 } } } }, \
                 after-right: { after: right.on, who: staff }, merge: { after: { applicable: [left, after-right] }, who: staff } }";
    Course::of(steps)
        .does("left")
        .does("right.again")
        .refuses("merge", "step-not-due")
        .does("right.off")
        .is_open(&["merge"]);
    Course::of(steps)
        .does("left")
        .does("right.again")
        .does("right.on")
        .refuses("merge", "step-not-due")
        .does("after-right")
        .is_open(&["merge"]);
}

#[test]
fn wcp_39_critical_section() {
    let steps = "phases: { desk: { steps: [file, archive], run: one-at-a-time } }\n\
                 steps: { file: { who: staff }, archive: { who: staff }, free: { who: staff } }";
    let mut course = Course::of(steps);
    course.claims("b", "file").expect("it is free");
    course.refuses("archive", "one-at-a-time").does("free");
    course.ask("b", Course::act("file", json!({}))).expect("it is b's");
    course.does("archive").is_open(&[]);
}

#[test]
fn wcp_40_interleaved_routing() {
    for order in [["file", "site"], ["site", "file"]] {
        let mut course = Course::of(ONE_AT_A_TIME);
        course.does(order[0]).does(order[1]).does("talk").is_open(&["next"]);
    }
}

#[test]
fn wcp_43_explicit_termination() {
    let steps = "steps: { left: { who: staff }, right: { who: staff, ends: decided } }";
    Course::of(steps).does("right").ended("decided").is_open(&[]).refuses("left", "case-not-open");
}

#[test]
fn what_is_owed_is_due_and_holds_back_what_it_blocks() {
    let steps = "steps: { decide: { who: staff, form: { properties: { points: { type: array, items: { type: string } } } }, \
                 outcomes: { good: {}, back: { owes: repair } } }, repair: { who: staff, each: decide.points, blocks: close }, \
                 close: { after: decide, who: staff } }";
    let mut course = Course::of(steps);
    course.refuses("repair(x)", "step-not-due");
    course.records("decide.back", json!({ "points": ["x", "y"] }));
    course.is_open(&["repair(x)", "repair(y)", "close"]).refuses("close", "blocked");
    course.does("repair(x)").does("repair(y)").does("close").is_open(&[]);
    Course::of(steps).does("decide.good").is_open(&["close"]).refuses("repair(x)", "step-not-due");
}

#[test]
fn directions_on_a_return_become_duties() {
    let steps = "steps: { answer: { who: staff }, review: { after: answer, who: staff, \
                 form: { properties: { directions: { type: array, items: { type: string } } } }, \
                 outcomes: { stands: {}, back: { then: { return-to: answer }, owes: direction } } }, \
                 direction: { who: staff, each: review.directions, blocks: answer } }";
    let mut course = Course::of(steps);
    course.does("answer").records("review.back", json!({ "directions": ["hear the witness"] }));
    course.is_open(&["answer", "direction(hear the witness)"]).refuses("answer", "blocked");
    course.does("direction(hear the witness)").does("answer").is_open(&["review"]);
    course.does("review.stands").is_open(&[]);
}

#[test]
fn each_party_does_it_for_themselves() {
    let steps = "steps: { answer: { who: staff }, view: { after: answer, who: klager, each: klager }, close: { after: view, ends: done } }\n\
                 at-any-time: { withdraw: { who: klager, each: klager, ends: withdrawn } }";
    let as_party = |course: &mut Course, who: &str, what: &str| {
        let actor = Person::new(PersonId::staff(who), [].into());
        let command = Command {
            at: course.now,
            now: course.now,
            actor: Actor::new(actor),
            seen: None,
            act: Course::act(what, json!({})),
            documents: Vec::new(),
        };
        match decide(&course.procedure, &course.case, &command) {
            Ok(events) => {
                course.case = events.iter().fold(std::mem::take(&mut course.case), Case::apply);
                Ok(())
            }
            Err(refusal) => Err(refusal.code().to_owned()),
        }
    };
    let mut course = Course::of(steps);
    course.does("answer").is_open(&["view(anna)", "view(bert)"]);
    assert_eq!(as_party(&mut course, "anna", "view(bert)"), Err("another-party".to_owned()));
    as_party(&mut course, "anna", "view").expect("her own");
    assert_eq!(as_party(&mut course, "anna", "view"), Err("already-done".to_owned()));
    course.runs();
    as_party(&mut course, "bert", "view").expect("his own");
    course.ended("done");
    // Of two complainants both must withdraw before the case ends.
    let mut course = Course::of(steps);
    as_party(&mut course, "anna", "withdraw").expect("her own");
    course.runs();
    as_party(&mut course, "bert", "withdraw").expect("his own");
    course.ended("withdrawn");
}
