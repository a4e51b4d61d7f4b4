//! What holds for the whole, seen from outside.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test may panic")]

mod architecture;
mod cli;
mod docs;
mod documents;
mod hidden;
mod kills;
mod late;
mod letters;
mod linked;
mod matrix;
mod oracle;
mod overlay;
mod patterns;
mod properties;
mod readme;
mod recount;
mod rejects;
mod reload;
mod replay;
mod scenarios;
mod served;
mod store_contract;
mod store_file;
mod time;
mod versions;
