//! The steps of a count: as data, and in words.

use super::{Date, From, Instant, Roll, Term, Unit, format_date};
use crate::language::{Language, Text};
use chrono::SecondsFormat;
use serde::{Serialize, Serializer};

/// One step of a count: what was done, and the date that the count stood at afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CountStep {
    /// What was done.
    #[serde(flatten)]
    pub kind: StepKind,
    /// The date after it; of a skipped day, that day.
    pub date: Date,
    /// The article that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// What a step of a count did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum StepKind {
    /// The event from which is counted.
    Start {
        /// When it happened.
        at: Instant,
        /// Whether its day is day 1; `None` for a term in hours, which runs from the instant.
        #[serde(skip_serializing_if = "Option::is_none")]
        day_counts: Option<bool>,
        /// Whether the term is counted back from it.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        backwards: bool,
    },
    /// The event; it counts on another day, as the steps behind it say.
    Happened {
        /// When it happened.
        at: Instant,
    },
    /// The clock stood still, and the term began anew when it went on.
    Restarted {
        /// The day on which it stopped.
        from: Date,
        /// The last day, as it was until then.
        was: Date,
    },
    /// The law changed: the counting rule reads as it does since this day.
    LawChanged {
        /// The name of the counting rule.
        counting: String,
    },
    /// The event came after the hour of closing or on a day off, and counts as of the next working day.
    ReceivedNext {
        /// The day on which it happened.
        happened: Date,
        /// The day off; `None` where it came after the hour.
        #[serde(skip_serializing_if = "Option::is_none")]
        day_off: Option<Text>,
    },
    /// The law holds the letter to be received.
    Deemed {
        /// So long after it was posted.
        after: Term,
    },
    /// The hour of the event is not counted.
    NextHour {
        /// The instant from which is counted.
        from: Instant,
    },
    /// The term was added, or taken away where it is counted back.
    Term {
        /// How long it is.
        term: Term,
        /// Whether it was taken away.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        backwards: bool,
    },
    /// The day on which the term would end is not counted either.
    Clear,
    /// The end was brought forward to the latest day that there may be.
    NoLater {
        /// The term that gives it.
        within: Term,
    },
    /// The end was put off to the earliest day that there may be.
    NoEarlier {
        /// The term that gives it.
        within: Term,
    },
    /// A day was passed over.
    DaySkipped {
        /// Why it does not count.
        why: Text,
    },
    /// A day on which no term ends, over which an end moves. In the term itself it counts like any other.
    NoTermEnds {
        /// Why.
        why: Text,
    },
    /// More days were passed over than are listed one by one.
    MoreDaysSkipped {
        /// How many more.
        days: i64,
    },
    /// The clock stood still: so much was added.
    Suspended {
        /// The first day, or the day of the first hour, that was taken out.
        from: Date,
        /// The last one.
        to: Date,
        /// How much was added.
        amount: i64,
        /// In which unit; hours are whole hours here, the count itself is to the second.
        unit: Unit,
    },
    /// The clock stood still longer than it may: no more was added.
    SuspensionCapped {
        /// What was the most.
        at_most: Term,
    },
    /// A standstill changed nothing.
    SuspensionIgnored {
        /// The day on which it began.
        from: Date,
        /// Why.
        why: WhyIgnored,
    },
    /// The term was lengthened.
    Extended {
        /// By how much.
        by: Term,
        /// From where that is counted.
        from: From,
    },
    /// The term could not end while the clock stood still, so it ends on the first day after.
    Resumed,
    /// The term held too few days on which a term may end.
    MinimumDays {
        /// How many it must hold.
        at_least: u32,
        /// How many it held.
        held: i64,
    },
    /// The end was moved over days on which no term may end.
    Rolled {
        /// Where it was.
        from: Date,
        /// In which direction.
        #[serde(serialize_with = "direction")]
        roll: Roll,
    },
    /// The end falls on a day off, and the rule leaves it there for a term like this.
    NotRolled {
        /// The name of the day.
        why: Text,
        /// The term to which the rule does not apply; `None` if there is no rule at all.
        beyond: Option<Term>,
    },
    /// The days off are not certain for all dates that this count asked about.
    Provisional {
        /// The name of the calendar.
        calendar: String,
        /// Its version.
        version: String,
        /// From when it is certain.
        known_from: Date,
        /// Until when it is certain.
        known_to: Date,
    },
    /// A penalty was owed for so many days, the last of which is the date.
    Penalty {
        /// The first of them.
        from: Date,
        /// How many.
        days: i64,
        /// How much for each, in hundredths of the currency.
        cents_a_day: u32,
        /// The currency.
        currency: String,
    },
    /// The clock stands still at this moment: the date moves on with every day that it does.
    StandingStill,
    /// The end of the last day.
    End {
        /// The first instant that is too late.
        ends_at: Instant,
    },
    /// The end of a term in hours.
    EndsAt {
        /// The first instant that is too late.
        ends_at: Instant,
    },
}

/// Why a standstill changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhyIgnored {
    /// No day of it is taken out.
    TooShort,
    /// The term was over when it began.
    TooLate,
    /// All the time that the clock may stand still was used.
    UsedUp,
    /// It had not begun at the moment up to which is counted.
    NotYet,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over like this")]
fn direction<S: Serializer>(roll: &Roll, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match roll {
        Roll::None => "none",
        Roll::Forward => "forward",
        Roll::Back => "back",
    })
}

impl CountStep {
    /// Returns the step as a sentence without a full stop, with its source at the end.
    pub fn in_words(&self, language: Language) -> String {
        let words = self.without_source(language);
        match &self.source {
            Some(source) => format!("{words} ({source})"),
            None => words,
        }
    }

    #[expect(
        clippy::too_many_lines,
        reason = "one sentence for each kind of step, in two languages"
    )]
    fn without_source(&self, language: Language) -> String {
        let date = format_date(self.date, language);
        let day = |date: Date| format_date(date, language);
        let say = |dutch: String, english: String| match language {
            Language::Nl => dutch,
            Language::En => english,
        };
        match &self.kind {
            StepKind::Start { day_counts: Some(false), backwards: true, .. } => say(
                format!("telt terug vanaf {date}; die dag telt niet mee"),
                format!("counts back from {date}; that day is not counted"),
            ),
            StepKind::Start { day_counts: Some(true), backwards: true, .. } => say(
                format!("telt terug vanaf {date}; dat is dag 1"),
                format!("counts back from {date}; that is day 1"),
            ),
            StepKind::Start { day_counts: Some(false), .. } => say(
                format!("begint op {date}; die dag telt niet mee"),
                format!("starts on {date}; that day is not counted"),
            ),
            StepKind::Start { day_counts: None, at, .. } => {
                let instant = at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
                say(format!("begint op {date}, {instant}"), format!("starts on {date}, {instant}"))
            }
            StepKind::Start { day_counts: Some(true), .. } => say(
                format!("begint op {date}; dat is dag 1"),
                format!("starts on {date}; that is day 1"),
            ),
            StepKind::Happened { .. } => say(format!("op {date}"), format!("on {date}")),
            StepKind::NoTermEnds { why } => {
                let why = why.in_language(language);
                say(
                    format!("op {date} eindigt geen termijn: {why}"),
                    format!("no term ends on {date}: {why}"),
                )
            }
            StepKind::Restarted { from, was } => {
                let (from, was) = (day(*from), day(*was));
                say(
                    format!("stopte op {from} en begon opnieuw op {date}; tot dan was het {was}"),
                    format!("stopped on {from} and began anew on {date}; until then it was {was}"),
                )
            }
            StepKind::LawChanged { counting } => say(
                format!("telregel {counting} zoals die luidt sinds {date}"),
                format!("counting rule {counting} as it reads since {date}"),
            ),
            StepKind::ReceivedNext { happened, day_off: Some(why) } => {
                let (happened, why) = (day(*happened), why.in_language(language));
                say(
                    format!("ontvangst op {happened} ({why}) geldt als ontvangst op {date}"),
                    format!("receipt on {happened} ({why}) counts as receipt on {date}"),
                )
            }
            StepKind::ReceivedNext { happened, day_off: None } => {
                let happened = day(*happened);
                say(
                    format!(
                        "ontvangst op {happened} na sluitingstijd geldt als ontvangst op {date}"
                    ),
                    format!("receipt on {happened} after hours counts as receipt on {date}"),
                )
            }
            StepKind::Deemed { after } => {
                let after = after.in_words(language);
                say(
                    format!("geldt als bekendgemaakt {after} na de verzending: {date}"),
                    format!("held to be notified {after} after it was sent: {date}"),
                )
            }
            StepKind::NextHour { from } => {
                let from = from.to_rfc3339_opts(SecondsFormat::AutoSi, true);
                say(
                    format!("het uur van de gebeurtenis telt niet mee: telt vanaf {from}"),
                    format!("the hour of the event is not counted: counts from {from}"),
                )
            }
            StepKind::Term { term, backwards } => {
                let sign = if *backwards { "\u{2212}" } else { "+" };
                format!("{sign} {}: {date}", term.in_words(language))
            }
            StepKind::Clear => say(
                format!("de laatste dag telt ook niet mee: {date}"),
                format!("the last day is not counted either: {date}"),
            ),
            StepKind::NoLater { within } => {
                let within = within.in_words(language);
                say(
                    format!("ten hoogste {within} in totaal: {date}"),
                    format!("no later than {within} in all: {date}"),
                )
            }
            StepKind::NoEarlier { within } => {
                let within = within.in_words(language);
                say(
                    format!("niet eerder dan {within}: {date}"),
                    format!("no earlier than {within}: {date}"),
                )
            }
            StepKind::DaySkipped { why } => {
                let why = why.in_language(language);
                say(format!("{date} telt niet: {why}"), format!("{date} is passed over: {why}"))
            }
            StepKind::MoreDaysSkipped { days } => say(
                format!("nog {days} dagen tellen niet"),
                format!("{days} more days are passed over"),
            ),
            StepKind::Suspended { from, to, amount, unit } => {
                let amount = unit.in_words(*amount, language);
                let (from, to) = (day(*from), day(*to));
                say(
                    format!("stond stil van {from} tot en met {to}, + {amount}: {date}"),
                    format!("stood still from {from} to {to} inclusive, + {amount}: {date}"),
                )
            }
            StepKind::SuspensionCapped { at_most } => {
                let most = at_most.in_words(language);
                say(
                    format!("staat ten hoogste {most} stil; daarna loopt de termijn door"),
                    format!("stands still for {most} at most; after that the clock runs on"),
                )
            }
            StepKind::SuspensionIgnored { from, why } => {
                let from = day(*from);
                let why = match why {
                    WhyIgnored::TooShort => {
                        language.pick("er valt geen hele dag in", "it takes out no whole day")
                    }
                    WhyIgnored::TooLate => {
                        language.pick("de termijn was toen voorbij", "the term was over by then")
                    }
                    WhyIgnored::UsedUp => language.pick(
                        "de tijd om stil te staan was op",
                        "the time to stand still was used up",
                    ),
                    WhyIgnored::NotYet => {
                        language.pick("zij was nog niet begonnen", "it had not begun yet")
                    }
                };
                say(
                    format!("de onderbreking vanaf {from} verandert niets: {why}"),
                    format!("the pause from {from} changes nothing: {why}"),
                )
            }
            StepKind::Extended { by, from: From::Start } => {
                let by = by.in_words(language);
                say(
                    format!("verlengd met {by}, in één keer geteld vanaf het begin: {date}"),
                    format!("extended by {by}, counted as one from the start: {date}"),
                )
            }
            StepKind::Extended { by, from: From::End | From::RolledEnd } => {
                let by = by.in_words(language);
                say(format!("verlengd met {by}: {date}"), format!("extended by {by}: {date}"))
            }
            StepKind::Resumed => say(
                format!("eindigt niet zolang de klok stilstaat: {date}"),
                format!("does not end while the clock stands still: {date}"),
            ),
            StepKind::MinimumDays { at_least, held } => say(
                format!(
                    "moet ten minste {at_least} dagen bevatten die geen vrije dag zijn, en bevatte er {held}: {date}"
                ),
                format!(
                    "must hold at least {at_least} days that are no days off, and held {held}: {date}"
                ),
            ),
            StepKind::Rolled { from, roll } => {
                let from = day(*from);
                let (naar, to) = match roll {
                    Roll::Back => ("terug naar", "back to"),
                    Roll::Forward | Roll::None => ("door naar", "on to"),
                };
                say(
                    format!("het einde gaat van {from} {naar} {date}"),
                    format!("the end moves from {from} {to} {date}"),
                )
            }
            StepKind::NotRolled { why, beyond } => {
                let why = why.in_language(language);
                match beyond {
                    Some(term) => {
                        let term = term.in_words(language);
                        say(
                            format!(
                                "blijft op {date} ({why}): de regel geldt niet voor een termijn van {term}"
                            ),
                            format!(
                                "stays on {date} ({why}): the rule does not reach a term of {term}"
                            ),
                        )
                    }
                    None => say(
                        format!("blijft op {date} ({why}): vrije dagen verschuiven het einde niet"),
                        format!("stays on {date} ({why}): days off do not move the end"),
                    ),
                }
            }
            StepKind::Provisional { calendar, version, known_from, known_to } => {
                let (from, to) = (day(*known_from), day(*known_to));
                say(
                    format!(
                        "voorlopig: kalender {calendar} (versie {version}) is zeker van {from} tot en met {to}"
                    ),
                    format!(
                        "provisional: calendar {calendar} (version {version}) is certain from {from} to {to}"
                    ),
                )
            }
            StepKind::Penalty { from, days, cents_a_day, currency } => {
                let (from, days) = (day(*from), Unit::Days.in_words(*days, language));
                let amount = super::penalty::money(currency, u64::from(*cents_a_day), language);
                say(
                    format!("dwangsom van {from} tot en met {date}: {days} van {amount}"),
                    format!("penalty from {from} to {date} inclusive: {days} of {amount}"),
                )
            }
            StepKind::StandingStill => language
                .pick(
                    "de klok staat nu stil: de datum schuift op zolang dat duurt",
                    "the clock stands still now: the date moves on as long as it does",
                )
                .to_owned(),
            StepKind::End { ends_at } => {
                let instant = ends_at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
                say(
                    format!("laatste dag {date}, tot het einde van die dag ({instant})"),
                    format!("last day {date}, to the end of that day ({instant})"),
                )
            }
            StepKind::EndsAt { ends_at } => {
                let instant = ends_at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
                say(
                    format!("eindigt op {date}; te laat vanaf {instant}"),
                    format!("ends on {date}; too late from {instant}"),
                )
            }
        }
    }
}
