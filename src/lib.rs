//! Fond: the software of a solidarity fund.
//!
//! Cultural workers in need apply; the fund checks what other aid they received; a committee votes; a treasurer pays;
//! partner associations check every dinar. The modules stand in reading order: each may use those above it, none below.
//!
//! | module | holds |
//! |---|---|
//! | kernel | `error` `text_enum` `ids` `clock` `money` `page` `version` `config` · `db` `schema` (the two databases) · `serbian` (formats) · `crypto` (sealing) · `language` (texts for people) · `objects` (where documents lie) · `jobs` (outbox) · `mail` (letters and who carries them) |
//! | slices | `audit` → `accounts` → `calls` → `ledger` → `documents` → `applications` → `aid` → `eligibility` → `committee` → `awards` → `payouts` → `transparency` → `privacy` → `backup` |
//! | faces | `replay` (a whole round from a folder), `demo` (a fund to try), `startup` and `cli` |
//!
//! A slice is `rules.rs` (pure decisions), `store.rs` (its queries) and `actions.rs` (one function a verb:
//! require → load → decide → save → audit → enqueue). `docs/ARCHITECTURE.md` walks through one.

#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::string_slice,
        reason = "a test that overflows should stop there"
    )
)]

pub mod text_enum;

pub mod error;

pub mod ids;

pub mod clock;

pub mod money;

pub mod page;

pub mod version;

pub mod config;

pub mod schema;

pub mod db;

pub mod serbian;

pub mod crypto;

pub mod language;

pub mod objects;

pub mod jobs;

pub mod mail;

pub mod web;

pub mod audit;

pub mod accounts;

pub mod calls;

pub mod ledger;

pub mod documents;

pub mod applications;

pub mod aid;

pub mod eligibility;

pub mod committee;

pub mod awards;

pub mod payouts;

pub mod transparency;

pub mod privacy;

pub mod backup;

pub mod replay;

pub mod demo;

pub mod startup;

pub mod cli;
