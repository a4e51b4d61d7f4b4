//! What keeps an organisation's procedures current: a file that was saved is an offer, never an order.
//!
//! A text is read with all that it names, checked, its scenarios are played, and only then does it become the one that new
//! cases get: in one commit of the store, between two commands. A text that is wrong changes nothing, and is told; nor does
//! one that is gone.

mod current;
mod house;
mod offer;
mod tree;
mod watch;
mod words;

pub use current::{Current, Keep, NoPremises, sound};
pub use house::{House, News, QUIET};
pub use offer::{Against, Offer, Offered, Rules, judge, look, take};
pub use tree::{DEEPEST, MOST_BYTES, MOST_FILES};
pub use watch::Watch;
pub use words::lines;
