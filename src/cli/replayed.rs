//! What would have been different in one case, in the words of that case.

use super::desk::Desk;
use crate::case::{
    ActedBy, CantReplay, Case, Difference, Due, DueDifference, How, PersonId, Refusal, Remedy,
    Replayed, Teller, Veil, Why,
};
use crate::engine::CaseFile;
use crate::language::Language;
use crate::procedure::{Name, Procedure};
use crate::time::{Instant, format_date};
use serde_json::{Value, json};

/// The most people who are named of those who could have done something.
const MOST_PEOPLE: usize = 6;

/// A case that would have gone otherwise, for people and for programs.
pub(super) struct Told {
    pub(super) reference: String,
    /// The text on which it ran.
    pub(super) version: String,
    /// What would have been different, a line for each.
    pub(super) lines: Vec<String>,
    pub(super) json: Value,
}

/// Draws cases for somebody.
pub(super) struct Drawing<'a> {
    pub(super) desk: &'a Desk,
    pub(super) to: &'a Procedure,
    pub(super) veil: &'a Veil,
    pub(super) language: Language,
}

/// A case under a text, with what tells it.
struct Side<'a> {
    teller: Teller<'a>,
    case: Case,
}

impl Drawing<'_> {
    /// Tells what would have been different in a case.
    pub(super) fn told(&self, file: &CaseFile, version: &str, replayed: Replayed) -> Told {
        let Replayed { before, after, differences, dates } = replayed;
        let name_of = |id: &PersonId| self.desk.name_of(id);
        let side = |procedure, case: Case| Side {
            teller: Teller { procedure, language: self.language, name_of: &name_of },
            case: self.veil.case(case),
        };
        let (was, is) = (side(&file.procedure, before), side(self.to, after));
        let mut lines = Vec::new();
        let mut all = Vec::new();
        for one in &differences {
            let line = self.veil.text(&self.words(&was, &is, one));
            let mut value = self.as_json(one);
            if let Value::Object(entries) = &mut value {
                entries.insert("text".to_owned(), json!(line));
            }
            lines.push(line);
            all.push(value);
        }
        let reference = file.reference().to_owned();
        let dates: Vec<Value> = dates.iter().map(due_json).collect();
        let json = json!({
            "case": reference, "version": version, "differences": all, "other-last-days": dates,
        });
        Told { reference, version: version.to_owned(), lines, json }
    }

    /// Tells why a case can't be played again.
    pub(super) fn cant(&self, why: &CantReplay) -> String {
        let nl = self.language == Language::Nl;
        let day = |at: &Instant| format_date(self.to.zone.local_date(*at), self.language);
        match why {
            CantReplay::NotOpened if nl => {
                "niet over te doen: het dossier begint niet bij de opening".to_owned()
            }
            CantReplay::NotOpened => {
                "can't be replayed: the record does not begin with the opening".to_owned()
            }
            CantReplay::NoAct { at } if nl => {
                format!(
                    "niet over te doen: wat er op {} gebeurde, is niet opnieuw te vragen",
                    day(at)
                )
            }
            CantReplay::NoAct { at } => {
                format!("can't be replayed: what happened on {} can't be asked again", day(at))
            }
            CantReplay::CalledOtherwise { at } if nl => {
                format!(
                    "niet over te doen: wie er op {} bij kwam, zou in het dossier anders heten",
                    day(at)
                )
            }
            CantReplay::CalledOtherwise { at } => format!(
                "can't be replayed: whoever came in on {} would go by another name in the record",
                day(at)
            ),
        }
    }

    fn words(&self, was: &Side<'_>, is: &Side<'_>, one: &Difference) -> String {
        let nl = self.language == Language::Nl;
        match one {
            Difference::Refused { act, at, by, refusal } => {
                let (front, why) = (self.act(was, is, act, *at, by.as_ref()), self.why(refusal));
                let possible = self.possible(is, refusal).or_else(|| named_now(was, act, refusal));
                let possible = possible.map(|what| match self.language {
                    Language::Nl => format!("; wel mogelijk: {what}"),
                    Language::En => format!("; possible: {what}"),
                });
                let refused = self.language.pick("geweigerd", "refused");
                format!("{front} {refused}: {why}{}", possible.unwrap_or_default())
            }
            Difference::SomebodyElse { act, at, by, role: _, could, refusal } => {
                let (front, why) = (self.act(was, is, act, *at, by.as_ref()), self.why(refusal));
                // Who has another role than is asked may have that one as well today; who is barred is barred in any.
                let by_role = matches!(refusal.why, Why::NotYourRole { .. });
                let barred = by.as_ref().map(|by| &by.person).filter(|_| !by_role);
                let who = self.who(is, could, barred);
                if nl {
                    format!("{front} had dit niet gemogen: {why}; wel: {who}")
                } else {
                    format!("{front} would not have been allowed: {why}; could have: {who}")
                }
            }
            Difference::Step { step, before, after } => {
                let title = is.teller.step(step);
                let (before, after) = (self.hows(is, step, before), self.hows(is, step, after));
                format!("{}: {before} → {after}", self.quoted(&title))
            }
            Difference::Due(due) => self.due(was, is, due),
            Difference::End { before, after, open } => {
                let ended = |end: &Option<(Name, Instant)>| {
                    end.as_ref().map(|(status, at)| {
                        let on = self.language.pick("op", "on");
                        format!("{status} {on} {}", is.teller.day_of(*at))
                    })
                };
                let not = || {
                    let open: Vec<String> =
                        open.iter().map(|step| self.quoted(&is.teller.step(step))).collect();
                    let not = self.language.pick("niet geëindigd", "not ended");
                    if open.is_empty() {
                        return not.to_owned();
                    }
                    let still = self.language.pick("nog te doen", "still to be done");
                    format!("{not}; {still}: {}", open.join(", "))
                };
                let before = ended(before).unwrap_or_else(|| {
                    self.language.pick("niet geëindigd", "not ended").to_owned()
                });
                let after = ended(after).unwrap_or_else(not);
                let word = self.language.pick("einde", "end");
                format!("{word}: {before} → {after}")
            }
        }
    }

    /// Returns when what was done, and by whom.
    fn act(
        &self,
        was: &Side<'_>,
        is: &Side<'_>,
        act: &str,
        at: Instant,
        by: Option<&ActedBy>,
    ) -> String {
        let name = Name::from(act);
        let title = |teller: &Teller<'_>| {
            let step = teller.procedure.find_step(act).map(|_| teller.step(&name));
            step.or_else(|| teller.procedure.find_deadline(act).map(|_| teller.deadline(&name)))
        };
        let known = title(&is.teller).or_else(|| title(&was.teller));
        let what = known.map_or_else(|| format!("`{act}`"), |title| self.quoted(&title));
        let day = is.teller.day_of(at);
        let Some(by) = by else { return format!("{day}  {what}") };
        let id = PersonId::staff(self.veil.id(by.person.as_str()));
        let who = is.teller.person(&is.case, &id);
        let role = by.role.as_ref().map(|role| is.teller.role(role)).filter(|role| *role != who);
        let role = role.map(|role| format!(" ({role})")).unwrap_or_default();
        let word = self.language.pick("door", "by");
        format!("{day}  {what} {word} {who}{role}")
    }

    fn quoted(&self, title: &str) -> String {
        match self.language {
            Language::Nl => format!("«{title}»"),
            Language::En => format!("“{title}”"),
        }
    }

    /// Returns why an act was refused, and where that stands.
    fn why(&self, refusal: &Refusal) -> String {
        let roles = |roles: &[Name]| {
            roles.iter().map(|role| format!("`{role}`")).collect::<Vec<_>>().join(", ")
        };
        // Nobody asks it now, so there is nobody to say `you` to.
        let why = if let Why::NotYourRole { roles: wanted } = &refusal.why {
            let word = self.language.pick("dit is aan", "this is for");
            format!("{word} {}", roles(wanted))
        } else {
            refusal.in_words(&self.to.zone, self.language)
        };
        match &refusal.rule {
            Some(rule) => {
                let file = std::path::Path::new(&rule.file).file_name();
                let file = file.map(|name| name.to_string_lossy().into_owned());
                format!("{why} ({}:{})", file.unwrap_or_default(), rule.line)
            }
            None => why,
        }
    }

    /// Returns by whom something could have been done: the roles, and the people who have one today.
    fn who(&self, is: &Side<'_>, roles: &[Name], barred: Option<&PersonId>) -> String {
        let titles: Vec<String> = roles.iter().map(|role| is.teller.role(role)).collect();
        let holds = |role: &Name| roles.contains(role);
        let people = self.desk.organisation.people();
        let people = people.filter(|person| person.roles.iter().any(holds));
        let people = people.filter(|person| barred != Some(&person.id));
        let names: Vec<String> = people
            .take(MOST_PEOPLE)
            .map(|person| self.desk.name_of(&person.id).unwrap_or_else(|| person.id.to_string()))
            .collect();
        let titles = titles.join(self.language.pick(" of ", " or "));
        if names.is_empty() { titles } else { format!("{titles} ({})", names.join(", ")) }
    }

    /// Returns what would have made an act possible.
    fn possible(&self, is: &Side<'_>, refusal: &Refusal) -> Option<String> {
        let nl = self.language == Language::Nl;
        let list = |names: &[Name]| {
            names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        };
        refusal.remedies.iter().find_map(|remedy| {
            Some(match remedy {
                Remedy::Do { step, outcome } => {
                    let title = self.quoted(&is.teller.step(step));
                    let outcome = outcome.as_ref().map(|outcome| is.teller.outcome(step, outcome));
                    let outcome = outcome.map(|outcome| format!(" ({outcome})"));
                    let first = self.language.pick("eerst", "first");
                    format!("{first} {title}{}", outcome.unwrap_or_default())
                }
                Remedy::Wait { deadline, last_day } => {
                    let title = self.quoted(&is.teller.deadline(deadline));
                    let after = last_day.map(|day| is.teller.day(day));
                    match (after, nl) {
                        (Some(day), true) => {
                            format!("na het verstrijken van {title}, dus na {day}")
                        }
                        (Some(day), false) => {
                            format!("once {title} has lapsed, which is after {day}")
                        }
                        (None, true) => format!("na het verstrijken van {title}"),
                        (None, false) => format!("once {title} has lapsed"),
                    }
                }
                Remedy::ActAs { roles } => self.who(is, roles, None),
                Remedy::Assign { step } => {
                    let title = self.quoted(&is.teller.step(step));
                    if nl {
                        format!("als {title} hem of haar was toebedeeld")
                    } else {
                        format!("had {title} been given to that person")
                    }
                }
                Remedy::SayOutcome { step, outcomes } => {
                    let outcomes: Vec<String> =
                        outcomes.iter().map(|outcome| is.teller.outcome(step, outcome)).collect();
                    let word = self.language.pick("met een uitkomst", "with an outcome");
                    format!("{word}: {}", outcomes.join(", "))
                }
                Remedy::Give { field } => {
                    let word = self.language.pick("met", "with");
                    format!("{word} `{field}`")
                }
                Remedy::NameItem { step } => {
                    let title = self.quoted(&is.teller.step(step));
                    if nl {
                        format!("{title} voor een van de lijst")
                    } else {
                        format!("{title} for one of the list")
                    }
                }
                Remedy::GiveReason => {
                    self.language.pick("met een reden", "with a reason").to_owned()
                }
                Remedy::Consent { roles } => {
                    let roles: Vec<String> =
                        roles.iter().map(|role| is.teller.role(role)).collect();
                    let word = self.language.pick("met instemming van", "with the consent of");
                    format!("{word} {}", roles.join(", "))
                }
                Remedy::ExtendBy { by } => {
                    let word = self.language.pick("met ten hoogste", "by no more than");
                    format!("{word} {by}")
                }
                Remedy::Use { name } => format!("`{name}`"),
                Remedy::OneOf { names } => list(names),
                Remedy::DateFrom { at } => {
                    let word = self.language.pick("vanaf", "from");
                    format!("{word} {}", is.teller.day_of(*at))
                }
                Remedy::ReadAgain => return None,
            })
        })
    }

    /// Returns how a step ended, each time that it was done.
    fn hows(&self, is: &Side<'_>, step: &Name, hows: &[How]) -> String {
        let nl = self.language == Language::Nl;
        let one = |how: &How| {
            let outcome = how.outcome.as_ref().map(|outcome| is.teller.outcome(step, outcome));
            let outcome =
                outcome.unwrap_or_else(|| self.language.pick("gedaan", "done").to_owned());
            match (how.deemed, nl) {
                (false, _) => outcome,
                (true, true) => format!("{outcome}, van rechtswege"),
                (true, false) => format!("{outcome}, by operation of law"),
            }
        };
        let all: Vec<String> = hows.iter().map(one).collect();
        if all.is_empty() {
            return self.language.pick("niet gedaan", "not done").to_owned();
        }
        all.join(self.language.pick(", daarna ", ", then "))
    }

    fn due(&self, was: &Side<'_>, is: &Side<'_>, due: &DueDifference) -> String {
        let nl = self.language == Language::Nl;
        let known = self.to.find_deadline(due.clock.deadline.as_str()).is_some();
        let side = if known { is } else { was };
        let title = self.quoted(&side.teller.deadline(&due.clock.deadline));
        let item = due.clock.item.as_ref().map(|item| format!(" ({item})")).unwrap_or_default();
        let day = |due: &Option<Due>| match due {
            Some(due) => {
                let word = self.language.pick("laatste dag", "last day");
                format!("{word} {}", is.teller.day(due.last_day))
            }
            None => self.language.pick("geen termijn", "no term").to_owned(),
        };
        let (before, after) = (day(&due.before), day(&due.after));
        let what = match (due.after.is_some_and(|after| after.late), nl) {
            (true, true) => "te laat geweest",
            (true, false) => "would have been late",
            (false, true) => "niet te laat geweest",
            (false, false) => "would not have been late",
        };
        format!("{title}{item} {what}: {before} → {after}")
    }

    fn as_json(&self, one: &Difference) -> Value {
        let who = |by: &Option<ActedBy>| {
            by.as_ref()
                .map(|by| json!({ "person": self.veil.id(by.person.as_str()), "role": by.role }))
        };
        let because = |refusal: &Refusal| {
            let rule = refusal.rule.as_ref();
            json!({
                "code": refusal.code(), "why": refusal.in_words(&self.to.zone, self.language),
                "file": rule.map(|rule| &rule.file), "line": rule.map(|rule| rule.line),
            })
        };
        let end = |end: &Option<(Name, Instant)>| {
            end.as_ref().map(|(status, at)| json!({ "status": status, "at": at }))
        };
        let hows = |hows: &[How]| -> Vec<Value> {
            let one = |how: &How| json!({ "outcome": how.outcome, "deemed": how.deemed });
            hows.iter().map(one).collect()
        };
        match one {
            Difference::Refused { act, at, by, refusal } => json!({
                "what": "refused", "act": act, "at": at, "by": who(by),
                "refusal": because(refusal),
            }),
            Difference::SomebodyElse { act, at, by, role, could, refusal } => json!({
                "what": "somebody-else", "act": act, "at": at, "by": who(by), "role": role,
                "could": could, "refusal": because(refusal),
            }),
            Difference::Step { step, before, after } => json!({
                "what": "outcome", "step": step, "before": hows(before), "after": hows(after),
            }),
            Difference::Due(due) => {
                let mut value = due_json(due);
                let late = due.after.is_some_and(|after| after.late);
                if let Value::Object(entries) = &mut value {
                    let word = if late { "late" } else { "no-longer-late" };
                    entries.insert("what".to_owned(), json!(word));
                }
                value
            }
            Difference::End { before, after, open } => json!({
                "what": "end", "before": end(before), "after": end(after), "open": open,
            }),
        }
    }
}

/// Returns how the text says what a step of before is called now.
fn named_now(was: &Side<'_>, act: &str, refusal: &Refusal) -> Option<String> {
    let is_gone = matches!(refusal.why, Why::NoSuchStep { .. });
    let known = was.teller.procedure.find_step(act).filter(|_| is_gone);
    known.map(|_| format!("`transition: {{ steps: {{ {act}: … }} }}`"))
}

fn due_json(due: &DueDifference) -> Value {
    let day = |due: &Option<Due>| due.map(|due| due.last_day);
    json!({
        "deadline": due.clock.deadline, "item": due.clock.item,
        "before": day(&due.before), "after": day(&due.after),
    })
}
