//! What was asked of a case, as a scenario: to be played, and read by a person.

use super::*;
use std::fmt::Write as _;
use std::path::PathBuf;

/// Writes accepted commands as a scenario, with its people beside it. Returns where.
pub(super) fn write(procedure: &Procedure, commands: &[Command], name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stories");
    std::fs::create_dir_all(&folder).unwrap();
    let people = folder.join(format!("{name}.people.yaml"));
    std::fs::write(&people, organisation(procedure)).unwrap();
    let path = folder.join(format!("{name}.yaml"));
    std::fs::write(&path, scenario(procedure, commands, &people)).unwrap();
    path
}

fn organisation(procedure: &Procedure) -> String {
    let mut text = "organisation: Voorbeeld\npeople:\n".to_owned();
    for person in people(procedure) {
        let roles: Vec<&str> = person.roles.iter().map(Name::as_str).collect();
        let unit = person.unit.map(|unit| format!(", unit: {unit}")).unwrap_or_default();
        let _ = writeln!(text, "  {0}: {{ name: {0}, roles: {roles:?}{unit} }}", person.id);
    }
    text
}

fn scenario(procedure: &Procedure, commands: &[Command], people: &Path) -> String {
    let source = &procedure.steps[0].rule.place.source.name;
    let source = std::path::absolute(source).unwrap();
    let mut text = format!(
        "title: {}, told by chance\nprocedure: {}\norganisation: {}\nacts:\n",
        procedure.name,
        json!(source.display().to_string()),
        json!(people.display().to_string())
    );
    for command in commands {
        let mut line = Map::new();
        line.insert("at".to_owned(), json!(command.at.to_rfc3339()));
        let by = match &command.act {
            // Whoever opens a case as a party is named by his role.
            Act::Open(open) => by_role(open, &command.actor.person.id),
            _ => command.actor.person.id.to_string(),
        };
        line.insert("by".to_owned(), json!(by));
        if let Some(party) = &command.actor.enters_for {
            line.insert("for".to_owned(), json!(party.as_str()));
        }
        match said(&command.act) {
            Some(said) => {
                line.extend(said);
                let _ = writeln!(text, "  - {}", Value::Object(line));
            }
            None => {
                let _ = writeln!(text, "  # {:?}", command.act);
            }
        }
    }
    text
}

fn by_role(open: &Open, person: &PersonId) -> String {
    let of = open.parties.iter().find(|party| party.person == *person && person.is_outside());
    of.map_or_else(|| person.to_string(), |party| party.role.to_string())
}

/// Returns the keys of a line; nothing for what a scenario of one case can't say.
fn said(act: &Act) -> Option<Map<String, Value>> {
    let keys = match act {
        Act::Open(open) => {
            let mut parties: BTreeMap<&str, Vec<String>> = BTreeMap::new();
            for party in &open.parties {
                let name = if party.person.is_outside() {
                    format!("{} {}", party.role, party.person.outside_number().unwrap_or(1))
                } else {
                    party.person.to_string()
                };
                parties.entry(party.role.as_str()).or_default().push(name);
            }
            let mut said = json!({
                "parties": parties, "data": open.data, "received": open.received_at.to_rfc3339(),
            });
            if let Some(channel) = &open.channel {
                said["channel"] = json!(channel.as_str());
            }
            json!({ "open": said })
        }
        Act::Do(act) => {
            let files = act.filing != Filing::default();
            let mut said = json!({ if files { "appeal" } else { "do" }: act.step });
            if let Some(item) = &act.item {
                said["item"] = json!(item);
            }
            if let Some(outcome) = &act.outcome {
                said["outcome"] = json!(outcome.as_str());
            }
            if !act.form.is_empty() {
                said["form"] = json!(act.form);
            }
            if !act.data.is_empty() {
                said["data"] = json!(act.data);
            }
            if let Some(note) = &act.note {
                said["because"] = json!(note);
            }
            filing(&act.filing, &mut said);
            said
        }
        Act::WithdrawAppeal { appeal, reason, .. } => {
            json!({ "withdraw": appeal.as_str(), "because": reason.as_deref().unwrap_or("toch niet") })
        }
        Act::Assign { instance, to: Some(to) } => {
            with_item(json!({ "assign": instance.step.as_str(), "to": to.id.as_str() }), instance)
        }
        Act::Claim { instance } => with_item(json!({ "claim": instance.step.as_str() }), instance),
        Act::Release { instance } => {
            with_item(json!({ "release": instance.step.as_str() }), instance)
        }
        Act::Extend(extend) => {
            let consent: Vec<&str> = extend.consent.iter().map(Name::as_str).collect();
            let mut said = json!({ "deadline": extend.deadline.as_str(), "consent": consent });
            if let Some(by) = extend.by {
                said["by"] = json!(by.to_string());
            }
            json!({ "extend": said, "because": extend.reason.as_deref().unwrap_or("druk") })
        }
        Act::Revoke { deadline, reason } => {
            json!({ "revoke": deadline.as_str(), "because": reason })
        }
        Act::Correct { received_at, reason } => {
            json!({ "correct": { "received": received_at.to_rfc3339() }, "because": reason })
        }
        Act::Pause { deadline, reason } => {
            json!({ "pause": deadline.as_ref().map_or("all", Name::as_str), "because": reason })
        }
        Act::Resume { deadline } => {
            json!({ "resume": deadline.as_ref().map_or("all", Name::as_str) })
        }
        Act::Send(send) => {
            let mut said = json!({ "letter": send.letter.as_str() });
            if let Some(to) = &send.to {
                said["to"] = json!(to);
            }
            if let Some(on) = &send.on {
                said["on"] = json!(on.to_string());
            }
            json!({ "send": said })
        }
        Act::Party(act) => party(act),
        Act::Look => json!({ "look": true }),
        Act::Note { text } => json!({ "note": text }),
        _ => return None,
    };
    if let Value::Object(keys) = keys { Some(keys) } else { None }
}

fn with_item(mut said: Value, instance: &Instance) -> Value {
    if let Some(item) = &instance.item {
        said["item"] = json!(item);
    }
    said
}

fn filing(filing: &Filing, said: &mut Value) {
    if !filing.parts.is_empty() {
        said["parts"] = json!(filing.parts);
    }
    if let Some(posted) = &filing.posted_on {
        said["posted"] = json!(posted.to_string());
    }
    if let Some(elsewhere) = &filing.elsewhere {
        said["arrived-elsewhere"] = json!(elsewhere.arrived_on.to_string());
        said["forwarded-by"] = json!(elsewhere.body);
    }
}

fn party(act: &PartyAct) -> Value {
    match act {
        PartyAct::Add(new) => {
            let staff = new.staff.as_ref().map(ToString::to_string);
            let mut said = json!({ "add": new.role.as_str(), "name": staff.or(new.name.clone()) });
            if let Some(whom) = &new.represents {
                said["represents"] = json!(whom.as_str());
            }
            if let Some(language) = &new.contact.language {
                said["language"] = json!(language);
            }
            json!({ "party": said })
        }
        PartyAct::Change { role, person, contact } => json!({ "party": {
            "change": role.as_str(), "name": person.as_str(), "address": contact.address,
        } }),
        PartyAct::Leave { role, person, .. } => {
            json!({ "party": { "leave": role.as_str(), "name": person.as_str() } })
        }
        PartyAct::Refuse { role, person, reason } => json!({
            "party": { "refuse": role.as_str(), "name": person.as_str() }, "because": reason,
        }),
    }
}
