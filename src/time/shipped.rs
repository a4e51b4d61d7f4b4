//! The calendars and counting rules that come with the program.

use crate::diagnostic::Source;
use crate::yaml::{self, Limits};
use serde_json::Value;

macro_rules! texts {
    ($folder:literal: $($name:literal)*) => {
        [$(($name, include_str!(concat!("../../procedures/", $folder, "/", $name, ".yaml")))),*]
    };
}

/// The shipped calendars: each name with its text.
pub(super) const CALENDARS: [(&str, &str); 34] = texts! { "calendars":
    "none" "nl" "uk-england-wales" "uk-scotland" "uk-northern-ireland" "uk-any" "ie" "ie-courts" "be"
    "de" "de-bw" "de-by" "de-be" "de-bb" "de-hb" "de-hh" "de-he" "de-mv" "de-ni" "de-nw" "de-rp"
    "de-sl" "de-sn" "de-st" "de-sh" "de-th" "de-by-augsburg" "de-by-mariae-himmelfahrt"
    "de-sn-fronleichnam" "de-th-fronleichnam" "fr" "fr-alsace-moselle" "eu-institutions" "us-federal"
};

/// The shipped counting rules: each name with its text.
pub(super) const COUNTINGS: [(&str, &str); 22] = texts! { "counting":
    "plain" "same-day" "nl-awb" "nl-woo" "eu-1182-71" "uk-working-days" "uk-foi"
    "uk-gdpr" "uk-commencing-on" "uk-spso" "uk-cpr" "uk-cpr-clear" "ie-interpretation-act" "ie-rsc"
    "be-judicial-code" "be-judicial-code-post" "de-bgb" "de-bgb-187-2" "de-vwvfg-post"
    "fr-cpc" "fr-franc" "us-frcp-6"
};

/// Returns a shipped text as JSON.
pub(super) fn read(text: &str) -> Option<Value> {
    let read = yaml::read(&Source::new("calendar", text), &Limits::default());
    read.ok().map(|node| node.to_json())
}
