//! Letters: made with what they belong to, sent at once or by somebody who records it.

use super::authority::capacity;
use super::{Deciding, bounded};
use crate::case::command::{Command, Send};
use crate::case::documents::{DocumentRecord, Enclosure};
use crate::case::event::{Addressee, Fact, LetterFile};
use crate::case::letters::{self, LetterCase, make_letter, missing};
use crate::case::refusal::{Refusal, Remedy, RuleCited, Why};
use crate::case::state::{Case, LetterRecord};
use crate::procedure::{Enclose, Letter, Name, RoleIndex, Rule};
use crate::time::Instant;

/// The longest address or proof of sending, in characters.
const LONGEST_ADDRESS: usize = 500;

/// What a letter is about.
pub(super) struct About {
    pub(super) letter: Name,
    /// The step or deadline that it belongs to.
    pub(super) of: Name,
    pub(super) item: Option<String>,
    pub(super) reason: Option<String>,
    /// Whether nobody did what it belongs to.
    pub(super) by_itself: bool,
}

/// A letter that is made or sent, and still has no text.
pub(super) struct Unwritten {
    /// The place of its event.
    event: usize,
    /// The case as it stood with what it belongs to.
    acted: Case,
    record: LetterRecord,
    by_itself: bool,
}

impl Deciding<'_> {
    /// Makes a letter, and sends it unless somebody does that by hand. A letter that is not declared goes to all
    /// parties, and is made elsewhere.
    ///
    /// Its text is written when all has followed from what it belongs to: it tells the dates that this starts and moves.
    pub(super) fn send(&mut self, at: Instant, about: About) -> Result<(), Refusal> {
        let About { letter, of, item, reason, by_itself } = about;
        let declared = self.procedure.find_letter(letter.as_str());
        let addressees = self.addressees(declared);
        let to = Addressee::roles(&addressees);
        let enclosures = declared.map(|letter| self.enclosures(letter)).unwrap_or_default();
        let record = LetterRecord { letter, of, item, reason, to, addressees, enclosures, at };
        // Where nobody has the role that it is for, there is nobody to write to; what counts from the sending goes on.
        let Some(declared) = declared.filter(|_| !record.addressees.is_empty()) else {
            return self.sent(at, record);
        };
        let acted = self.case.clone();
        let event = self.events.len();
        if declared.by_hand {
            self.happen(at, None, record.clone().into_made())?;
        } else {
            self.sent(at, record.clone())?;
        }
        self.unwritten.push(Unwritten { event, acted, record, by_itself });
        Ok(())
    }

    fn sent(&mut self, at: Instant, record: LetterRecord) -> Result<(), Refusal> {
        self.happen(at, None, record.into_sent())
    }

    /// Writes the letters of the case as it stands now, when nothing follows any more from what they belong to.
    pub(super) fn write_letters(&mut self, at: Instant) -> Result<(), Refusal> {
        // What is written is of one case, whatever comes of it.
        let (mut settled, further) = (self.case.clone(), self.events.len().saturating_sub(1));
        for Unwritten { event, acted, record, by_itself } in std::mem::take(&mut self.unwritten) {
            let Some(declared) = self.procedure.find_letter(record.letter.as_str()) else {
                continue;
            };
            let case = LetterCase { acted, settled };
            match self.write(declared, &case, &record) {
                Ok(files) => {
                    let further = further.saturating_sub(event);
                    self.written(event, &record, &files, u32::try_from(further).ok());
                }
                Err((_, refusal)) if !by_itself => return Err(*refusal),
                Err((message, refusal)) => {
                    let rule = refusal.rule.map(|rule| *rule);
                    let rule = rule.unwrap_or_else(|| RuleCited::from(&declared.rule));
                    self.incident(at, &record.of, &rule, message)?;
                    if declared.by_hand {
                        self.sent(at, record)?;
                    }
                }
            }
            settled = case.settled;
        }
        Ok(())
    }

    /// Returns the files of a letter for each addressee, or what is wrong with it: in words, and as a refusal.
    fn write(
        &self,
        declared: &Letter,
        case: &LetterCase,
        record: &LetterRecord,
    ) -> Result<Vec<Vec<LetterFile>>, (String, Box<Refusal>)> {
        let first = record.addressees.first();
        let lacks = first.map(|to| missing(self.procedure, case, declared, record, to));
        let lacks = lacks.unwrap_or_default();
        if let Some(wanted) = lacks.first() {
            let words: Vec<String> = lacks.iter().map(|wanted| wanted.written.clone()).collect();
            let rule = RuleCited::new(&wanted.place, declared.rule.cite.as_ref());
            let of_form = lacks.iter().filter(|wanted| wanted.path.starts_with("form."));
            let remedies = of_form.map(|wanted| Remedy::Give { field: wanted.written.clone() });
            let remedies = remedies.collect();
            let message = format!("letter `{}` lacks {}", record.letter, words.join(", "));
            let why = Why::LetterLacks { letter: record.letter.clone(), missing: words };
            let refusal = Refusal::new(record.of.as_str(), why).under(rule);
            return Err((message, Box::new(Refusal { remedies, ..refusal })));
        }
        let files = record.addressees.iter().map(|to| {
            let made = make_letter(self.procedure, case, record, to).map_err(|fault| {
                let message = format!("letter `{}`: {fault}", record.letter);
                let why = Why::Incident { message: message.clone() };
                let refusal = Refusal::new(record.of.as_str(), why);
                (message, Box::new(refusal.under(RuleCited::from(&declared.rule))))
            })?;
            Ok(made.iter().map(letters::MadeLetter::file).collect())
        });
        files.collect()
    }

    /// Keeps with an event, and in the case, what a letter came to.
    fn written(
        &mut self,
        event: usize,
        record: &LetterRecord,
        files: &[Vec<LetterFile>],
        further: Option<u32>,
    ) {
        let fact = self.events.get_mut(event).map(|event| &mut event.fact);
        if let Some(
            Fact::LetterMade { addressees, written_after, .. }
            | Fact::LetterSent { addressees, written_after, .. },
        ) = fact
        {
            *written_after = further;
            keep_files(addressees, files);
        }
        let is_it = |kept: &&mut LetterRecord| {
            let name = (&kept.letter, &kept.of, &kept.item, &kept.reason);
            kept.at == record.at
                && name == (&record.letter, &record.of, &record.item, &record.reason)
        };
        let Case { letters, to_send, .. } = &mut self.case;
        for kept in letters.iter_mut().chain(to_send).filter(is_it) {
            keep_files(&mut kept.addressees, files);
        }
    }

    /// What the engine does by itself can't be refused: somebody has to look at it, and writes the letter.
    fn incident(
        &mut self,
        at: Instant,
        step: &Name,
        rule: &RuleCited,
        message: String,
    ) -> Result<(), Refusal> {
        let place = format!("{}:{}:{}", rule.file, rule.line, rule.column);
        self.happen(at, None, Fact::Incident { step: step.clone(), place, message })
    }

    /// Returns the documents that go with a letter, each once, in the order in which they came in.
    fn enclosures(&self, letter: &Letter) -> Vec<Enclosure> {
        let goes = |known: &&DocumentRecord| {
            letter.enclose.iter().any(|enclose| match enclose {
                Enclose::Opening => known.with.as_ref().is_some_and(|with| *with == *"open"),
                Enclose::With(step) => {
                    known.with.as_ref() == Some(&self.procedure.step(*step).name)
                }
            })
        };
        let enclosed = self.case.documents.iter().filter(goes);
        let enclosed = enclosed
            .map(|known| Enclosure { number: known.number, sha256: known.document.sha256.clone() });
        enclosed.collect()
    }

    /// Returns everybody that a letter goes to: the parties in its roles, or all.
    fn addressees(&self, letter: Option<&Letter>) -> Vec<Addressee> {
        let is_one = |roles: &[RoleIndex], role: &Name| {
            roles.iter().any(|of| self.procedure.role(*of).name == *role)
        };
        let parties = self.case.opening.iter().flat_map(|opening| &opening.parties);
        let mut addressees: Vec<Addressee> = Vec::new();
        for party in parties {
            let (to, copy) = match letter {
                None => (true, false),
                Some(letter) => (
                    letter.to.is_empty() || is_one(&letter.to, &party.role),
                    is_one(&letter.copy_to, &party.role),
                ),
            };
            if to || copy {
                addressees.push(Addressee {
                    copy,
                    channel: party.contact.channel.clone(),
                    address: party.contact.address.clone(),
                    ..Addressee::new(party.role.clone(), party.person.clone())
                });
            }
        }
        addressees
    }

    /// Records that a letter was sent which waits for that.
    pub(super) fn send_by_hand(&mut self, command: &Command, send: &Send) -> Result<(), Refusal> {
        let asked = send.letter.as_str();
        for text in [send.address.as_deref(), send.proof.as_deref()].into_iter().flatten() {
            bounded(asked, text)?;
            if text.chars().count() > LONGEST_ADDRESS {
                let why = Why::TooLarge { what: "address or proof", most: LONGEST_ADDRESS };
                return Err(Refusal::new(asked, why));
            }
        }
        let declared = self.procedure.find_letter(asked);
        let wanted = |to: &Addressee| is_meant(to, send.to.as_deref());
        let made = sent_next(&self.case, &send.letter, send.to.as_deref());
        let (Some(made), Some(declared)) = (made.cloned(), declared) else {
            let waiting: Vec<Name> =
                self.case.to_send.iter().map(|made| made.letter.clone()).collect();
            let refusal = Refusal::new(asked, Why::NothingToSend { waiting: waiting.clone() });
            return Err(if waiting.is_empty() {
                refusal
            } else {
                refusal.unless(Remedy::OneOf { names: waiting })
            });
        };
        let role = self.sender(command, declared, &made.of)?;
        let zone = &self.procedure.zone;
        let today = zone.local_date(command.at);
        let sent_on = send.on.unwrap_or(today);
        let made_on = zone.local_date(made.at);
        if sent_on > today {
            return Err(Refusal::new(asked, Why::InFuture).under(&declared.rule));
        }
        if sent_on < made_on {
            return Err(Refusal::new(asked, Why::SentBeforeMade { made_on }).under(&declared.rule));
        }
        let addressees: Vec<Addressee> = made
            .addressees
            .iter()
            .filter(|to| wanted(to))
            .map(|to| Addressee {
                channel: send.channel.clone().or_else(|| to.channel.clone()),
                address: send.address.clone().or_else(|| to.address.clone()),
                sent_on: Some(sent_on).filter(|day| *day != today),
                proof: send.proof.clone(),
                ..to.clone()
            })
            .collect();
        let by = self.acted_by(command, Some(role));
        let to = Addressee::roles(&addressees);
        let fact = LetterRecord { to, addressees, ..made }.into_sent();
        self.happen(command.at, Some(by), fact)
    }

    /// Returns the role in which the actor sends a letter.
    fn sender(&self, command: &Command, letter: &Letter, of: &Name) -> Result<RoleIndex, Refusal> {
        let who = letters::senders(self.procedure, letter, of);
        let rule: &Rule = &letter.rule;
        capacity(self.procedure, &self.case, &command.actor, &who, rule, letter.name.as_str())
    }
}

fn keep_files(addressees: &mut [Addressee], files: &[Vec<LetterFile>]) {
    for (to, files) in addressees.iter_mut().zip(files) {
        to.files.clone_from(files);
    }
}

/// Whether an addressee is one that was named, by role or by id.
fn is_meant(to: &Addressee, said: Option<&str>) -> bool {
    said.is_none_or(|said| to.role == *said || to.person.as_str() == said)
}

/// Returns the letter that is sent next to whom is named. What was made last is what is sent; an earlier one of the same
/// letter waits for its own addressees.
fn sent_next<'c>(case: &'c Case, letter: &Name, said: Option<&str>) -> Option<&'c LetterRecord> {
    let waits = |made: &&LetterRecord| {
        made.letter == *letter && made.addressees.iter().any(|to| is_meant(to, said))
    };
    case.to_send.iter().rev().find(waits)
}

/// Returns those for whom a letter waits, of whom is named.
pub(super) fn waits_for<'c>(
    case: &'c Case,
    letter: &Name,
    said: Option<&str>,
) -> Option<Vec<&'c Addressee>> {
    let made = sent_next(case, letter, said)?;
    Some(made.addressees.iter().filter(|to| is_meant(to, said)).collect())
}
