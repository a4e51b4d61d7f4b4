//! No case gets stuck: whatever was done in it, an end can still be reached.
//!
//! From what random commands came to, a search does whatever is possible by somebody who may, and lets time pass, until the
//! case ends in course: acts at any time that end a case, such as a withdrawal, are left out, since nobody can be held to
//! one. Where no search gets there, the story is written as a scenario, to be played and read.

use super::late::accepted;
use super::story;
use super::*;

/// Sequences in a normal run; `VERLOOP_SEQUENCES` asks for more or fewer: one for ten of those.
const SEARCHED: u64 = 600;
/// How often a search begins anew.
const TRIES: u64 = 25;
/// The most moves of one search.
const MOVES: usize = 120;
/// How many forms are tried for one outcome.
const FORMS: usize = 3;

/// A way through a case, from a state that was reached.
struct Search<'a> {
    procedure: &'a Procedure,
    /// People who had nothing to do with the case so far: several for each role, and some with all of them.
    people: Vec<Person>,
    case: Case,
    now: Instant,
    chance: Chance,
}

impl<'a> Search<'a> {
    fn new(procedure: &'a Procedure, case: &Case, now: Instant, seed: u64) -> Self {
        let staff = || procedure.roles.iter().filter(|role| !role.party).map(|role| &role.name);
        let one = staff().map(|role| (role.to_string(), [role.clone()].into()));
        let all = ("allen".to_owned(), staff().cloned().collect::<std::collections::BTreeSet<_>>());
        let fresh = one.chain([all]).flat_map(|(name, roles): (String, _)| {
            (1..=5).map(move |number| {
                let id = PersonId::staff(format!("{name}-vers-{number}"));
                let unit = Some(Name::from(format!("{name}-{number}")));
                Person { unit, ..Person::new(id, roles.clone()) }
            })
        });
        let people = fresh.collect();
        Self { procedure, people, case: case.clone(), now, chance: Chance::new(seed) }
    }

    /// Whether the case comes to an end this time.
    fn gets_there(&mut self) -> bool {
        for _ in 0..MOVES {
            let passed = pass_time(self.procedure, &self.case, self.now).expect("time passes");
            self.take(&passed);
            if self.case.status != Status::Open {
                return true;
            }
            let waits = clock::next_timer(self.procedure, &self.case);
            let acted = (waits.is_none() || !self.chance.one_in(4)) && self.act();
            self.now += chrono::TimeDelta::hours(1);
            match waits {
                _ if acted => {}
                Some(timer) => self.now = self.now.max(timer.at),
                None if self.act() => {}
                None => return false,
            }
        }
        false
    }

    fn take(&mut self, events: &[Event]) {
        self.case = events.iter().fold(std::mem::take(&mut self.case), Case::apply);
    }

    /// Asks something of the case. Returns the code of the refusal if it is one.
    fn ask(&mut self, actor: &Actor, act: Act) -> Result<(), &'static str> {
        let (at, now) = (self.now, self.now);
        let command =
            Command { at, now, actor: actor.clone(), seen: None, act, documents: Vec::new() };
        let events = decide(self.procedure, &self.case, &command).map_err(|no| no.code())?;
        self.take(&events);
        Ok(())
    }

    fn shuffled<T>(&mut self, mut items: Vec<T>) -> Vec<T> {
        for place in (1..items.len()).rev() {
            items.swap(place, self.chance.below(place + 1));
        }
        items
    }

    /// Does something that is possible now. Duties come before rights, and of these some are left unused.
    fn act(&mut self) -> bool {
        let marking = Marking::of(self.procedure, &self.case);
        let ends = |step: &verloop::procedure::Step| {
            step.ends.is_some() || step.outcomes.iter().any(|outcome| outcome.ends.is_some())
        };
        let open: Vec<(StepIndex, bool, Vec<Option<String>>)> = self
            .procedure
            .steps()
            .filter(|(index, step)| marking.standing(*index).is_open() && !step.is_automatic())
            .filter(|(_, step)| step.kind != StepKind::AtAnyTime || !ends(step))
            .map(|(index, step)| {
                let items =
                    marking.open_items(index).into_iter().map(|item| item.map(str::to_owned));
                let duty = marking.standing(index) == verloop::case::Standing::Due;
                (index, duty && step.kind != StepKind::AtAnyTime, items.collect())
            })
            .collect();
        let (duties, rights): (Vec<_>, Vec<_>) = open.into_iter().partition(|(_, duty, _)| *duty);
        let (duties, rights) = (self.shuffled(duties), self.shuffled(rights));
        let early: Vec<_> = rights.iter().filter(|_| self.chance.one_in(6)).cloned().collect();
        let steps: Vec<_> = early.into_iter().chain(duties).collect();
        if self.chance.one_in(3) && self.hears() {
            return true;
        }
        if steps.into_iter().any(|(index, _, items)| self.does(index, &items)) {
            return true;
        }
        self.keeps_house()
            || self.hears()
            || rights.into_iter().any(|(index, _, items)| self.does(index, &items))
    }

    /// Whoever may do a step: the parties of the case, in their roles, and fresh people in those of the staff.
    fn able(&mut self, index: StepIndex) -> Vec<Person> {
        let step = self.procedure.step(index);
        let chair = step.panel.as_ref().and_then(|panel| panel.chair);
        let roles: Vec<&verloop::procedure::Role> =
            step.who.iter().chain(&chair).map(|role| self.procedure.role(*role)).collect();
        let parties = self.case.parties().iter();
        let parties = parties.map(|party| Person { id: party.person.clone(), ..Person::nobody() });
        let holds = |person: &Person| roles.iter().any(|role| person.roles.contains(&role.name));
        let people: Vec<Person> =
            self.people.iter().filter(|person| holds(person)).cloned().chain(parties).collect();
        // One of the panel may have voted; who holds the work may do it.
        let given: Vec<Person> = self
            .case
            .step(&step.name)
            .and_then(|record| record.opened.as_ref())
            .into_iter()
            .flat_map(|round| &round.instances)
            .filter_map(|instance| instance.assigned_to.clone())
            .map(|id| {
                let roles = self.case.acted.get(&id).cloned().unwrap_or_default();
                let unit = self.case.units.get(&id).cloned();
                Person { unit, ..Person::new(id, roles) }
            })
            .collect();
        let able = people.into_iter().chain(given).filter(|person| {
            may_do(self.procedure, &self.case, &Actor::new(person.clone()), index).is_ok()
        });
        let able = able.collect();
        self.shuffled(able)
    }

    /// Does a step, by whoever may, with whatever outcome is allowed.
    fn does(&mut self, index: StepIndex, items: &[Option<String>]) -> bool {
        let step = self.procedure.step(index);
        let item = self.chance.pick(items).cloned().flatten();
        let outcomes: Vec<Option<Name>> = match step.outcomes.as_slice() {
            [] => vec![None],
            outcomes => outcomes.iter().map(|outcome| Some(outcome.name.clone())).collect(),
        };
        let outcomes = self.shuffled(outcomes);
        for person in self.able(index) {
            let actor = Actor::new(person.clone());
            for outcome in &outcomes {
                for _ in 0..FORMS {
                    let act = self.doing(index, item.clone(), outcome.clone());
                    match self.ask(&actor, act.clone()) {
                        Ok(()) => return true,
                        Err("assigned-to-another") => {
                            let instance = Instance { step: step.name.clone(), item: item.clone() };
                            let give = Act::Assign { instance, to: Some(person.clone()) };
                            let gives = |search: &mut Self, who: &Person| {
                                search.ask(&Actor::new(who.clone()), give.clone()).is_ok()
                            };
                            let people = self.people.clone();
                            if people.iter().any(|who| gives(self, who))
                                && self.ask(&actor, act).is_ok()
                            {
                                return true;
                            }
                        }
                        Err(_) => {}
                    }
                }
            }
        }
        false
    }

    fn doing(&mut self, index: StepIndex, item: Option<String>, outcome: Option<Name>) -> Act {
        let step = self.procedure.step(index);
        let fields = step.form.as_ref().map(|form| form.fields().to_vec()).unwrap_or_default();
        let of_case = self.procedure.intake.schema.fields();
        let supplied: Vec<Field> =
            of_case.iter().filter(|field| step.supplies.contains(&field.name)).cloned().collect();
        let chance = &mut self.chance;
        Act::Do(Do {
            step: step.name.to_string(),
            item,
            outcome,
            form: form(chance, &fields),
            data: if supplied.is_empty() { Map::new() } else { form(chance, &supplied) },
            note: Some("daarom".to_owned()),
            filing: Filing::default(),
            opens: opens(step, &self.case),
        })
    }

    fn hears(&mut self) -> bool {
        let heard = hearing(&mut self.chance, self.procedure, &self.case);
        heard.is_some_and(|heard| self.ask(&Actor::new(Person::nobody()), heard).is_ok())
    }

    /// What is not a step: clocks that stand still go on, letters go out, a party that is missing comes into the case.
    fn keeps_house(&mut self) -> bool {
        let stand_still = self.case.clocks.values().any(ClockRecord::is_paused);
        let mut acts: Vec<Act> = Vec::new();
        if stand_still {
            acts.push(Act::Resume { deadline: None });
        }
        acts.extend(
            self.case.to_send.iter().map(|made| Act::Send(Send::letter(made.letter.clone()))),
        );
        let missing = self.procedure.roles.iter().filter(|role| {
            role.party
                && role.represents.is_empty()
                && self.case.parties_in(&role.name).count() == 0
        });
        acts.extend(missing.map(|role| {
            Act::Party(PartyAct::Add(NewParty {
                role: role.name.clone(),
                staff: None,
                unit: None,
                name: Some("Iemand".to_owned()),
                represents: None,
                proof: None,
                contact: Contact::default(),
            }))
        }));
        let people = self.people.clone();
        acts.into_iter().any(|act| {
            people.iter().any(|who| self.ask(&Actor::new(who.clone()), act.clone()).is_ok())
        })
    }
}

/// Whether an end can be reached from a state.
fn ends(procedure: &Procedure, case: &Case, now: Instant, seed: u64) -> bool {
    (1..=TRIES).any(|try_| Search::new(procedure, case, now, seed * TRIES + try_).gets_there())
}

/// Plays commands. Returns the case that they come to.
fn reached(procedure: &Procedure, commands: &[Command]) -> Case {
    let mut case = Case::default();
    for command in commands {
        if case.opening.is_some() {
            let passed = pass_time(procedure, &case, command.now).expect("time passes");
            case = passed.iter().fold(case, Case::apply);
        }
        let events = decide(procedure, &case, command).expect("it was accepted");
        case = events.iter().fold(case, Case::apply);
    }
    case
}

#[test]
fn no_case_gets_stuck() {
    let wanted = std::env::var("VERLOOP_SEQUENCES").ok().and_then(|wanted| wanted.parse().ok());
    let sequences = wanted.map_or(SEARCHED, |wanted: u64| wanted.div_ceil(10));
    let procedures = procedures();
    let searched = in_parallel(1..=sequences, |seed| {
        let procedure = &procedures[usize::try_from(seed).unwrap() % procedures.len()];
        let (commands, end) = accepted(procedure, seed);
        let case = reached(procedure, &commands);
        if case.opening.is_none() || ends(procedure, &case, end, seed) {
            return None;
        }
        // The story is as short as it can be: up to the first act after which there is no end.
        let stuck_after = (1..=commands.len()).find(|many| {
            let told = &commands[..*many];
            !ends(procedure, &reached(procedure, told), told[*many - 1].now, seed)
        });
        let told = &commands[..stuck_after.unwrap_or(commands.len())];
        let path = story::write(procedure, told, &format!("stuck-{}-{seed}", procedure.name));
        Some(format!("{} (seed {seed}): {}", procedure.name, path.display()))
    });
    let stuck: Vec<String> = searched.into_iter().flatten().collect();
    assert!(stuck.is_empty(), "no end can be reached:\n{}", stuck.join("\n"));
}

#[test]
fn a_case_that_is_stuck_is_found_and_told() {
    let text = "procedure: vast\njurisdiction: nl\nroles: { ambtenaar: {} }\n\
                case: { who: ambtenaar, properties: { bedrag: { type: integer } } }\nsteps:\n  \
                wegen: { who: ambtenaar, supplies: [bedrag] }\n  \
                sluiten: { after: wegen, who: ambtenaar, outcomes: { betaald: { ends: betaald, \
                allowed: known(data.bedrag) && data.bedrag > 100 } } }\n";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vast.yaml");
    std::fs::write(&path, text).unwrap();
    let bundle = Bundle::read(&path).unwrap();
    let procedure = bundle.compile(&Almanac::shipped()).expect("it compiles").procedure;
    let played = (1..=20).find_map(|seed| {
        let (commands, end) = accepted(&procedure, seed);
        let case = reached(&procedure, &commands);
        (case.opening.is_some() && !ends(&procedure, &case, end, seed)).then_some(commands)
    });
    let commands = played.expect("no amount of this procedure is above 100");
    let path = story::write(&procedure, &commands, "a-case-that-is-stuck");
    let script = verloop::scenario::Script::read(&path).expect("the story is a scenario");
    let played = script.play().expect("it can be played");
    assert_eq!(played.failures, Vec::new());
    let case = played.file.expect("a case was opened").case;
    assert_eq!(case.status, Status::Open);
}

/// A term that would begin on a day that nobody can give any more is not waited for.
#[test]
fn a_date_that_never_comes_holds_up_nothing() {
    let text = "procedure: datum\njurisdiction: nl\nroles: { ambtenaar: {} }\n\
                case: { who: ambtenaar, properties: { zitting: { type: string, format: date } } }\n\
                deadlines:\n  stukken: { before: data.zitting, within: 10 days }\nsteps:\n  \
                plannen: { who: ambtenaar, supplies: [zitting] }\n  \
                sluiten: { after: { applicable: [plannen, stukken.lapsed] }, ends: klaar }\n";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("datum.yaml");
    std::fs::write(&path, text).unwrap();
    let bundle = Bundle::read(&path).unwrap();
    let procedure = bundle.compile(&Almanac::shipped()).expect("it compiles").procedure;
    let (mut chance, now) = (Chance::new(1), start());
    let asks = [
        opening(&mut chance, &procedure, now),
        Command {
            documents: Vec::new(),
            at: now,
            now,
            actor: Actor::new(people(&procedure)[0].clone()),
            seen: None,
            act: Act::Do(Do::step("plannen")),
        },
    ];
    let asks = asks.map(|command| match command.act {
        Act::Open(open) => {
            let act = Act::Open(Open { data: Map::new(), ..open });
            Command { act, ..command }
        }
        act => Command { act, ..command },
    });
    let opened = reached(&procedure, &asks[..1]);
    let waits = Marking::of(&procedure, &opened).standing(procedure.find_step("sluiten").unwrap());
    assert_eq!(waits, verloop::case::Standing::Idle, "the day can still be given");
    assert_ne!(reached(&procedure, &asks).status, Status::Open, "it can't be given any more");
}
