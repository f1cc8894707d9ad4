//! What an allocation comes to, as it is previewed, compared and committed.

use data_encoding::HEXLOWER;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Fate, Place};
use crate::calls::Method;
use crate::error::{Error, Result};
use crate::ids::CallId;
use crate::money::Money;

/// The whole allocation of a call: everything that committing it decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    pub call: CallId,
    pub method: Method,
    pub budget: Money,
    pub seed: Option<String>,
    /// Best first.
    pub places: Vec<Placed>,
}

/// A place of it, by reference code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Placed {
    pub reference: String,
    pub category: i32,
    pub fate: Fate,
}

impl From<&Place<'_>> for Placed {
    fn from(place: &Place<'_>) -> Self {
        let (reference, category) = (place.candidate.reference.clone(), place.candidate.category);
        Self { reference, category, fate: place.fate }
    }
}

impl Outcome {
    /// SHA-256 of its canonical JSON (RFC 8785), in hex: two outcomes that decide the same have the same.
    pub fn digest(&self) -> Result<String> {
        let bytes = serde_json_canonicalizer::to_vec(self).map_err(Error::corrupt)?;
        Ok(HEXLOWER.encode(&Sha256::digest(bytes)))
    }

    /// The sum of the awards.
    pub fn awarded(&self) -> Result<Money> {
        let amount = |placed: &Placed| if let Fate::Awarded(amount) = placed.fate { Some(amount) } else { None };
        Money::sum(self.places.iter().filter_map(amount))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_changes_with_everything_that_is_decided() {
        let placed = |fate| Placed { reference: "R1".into(), category: 1, fate };
        let outcome = Outcome {
            call: CallId::NONE,
            method: Method::CategoryOrder,
            budget: Money::from_minor(100),
            seed: None,
            places: vec![placed(Fate::Awarded(Money::from_minor(100)))],
        };
        // printf '%s' '{"budget":"1.00","call":"00000000-0000-0000-0000-000000000000","method":"category_order","places":[{"category":1,"fate":{"awarded":"1.00"},"reference":"R1"}],"seed":null}' | sha256sum
        assert_eq!(outcome.digest().unwrap(), DIGEST);
        let others = [
            Outcome { budget: Money::from_minor(101), ..outcome.clone() },
            Outcome { seed: Some("x".into()), ..outcome.clone() },
            Outcome { places: vec![placed(Fate::Awarded(Money::from_minor(99)))], ..outcome.clone() },
            Outcome { places: vec![placed(Fate::Reserve)], ..outcome.clone() },
            Outcome { places: vec![placed(Fate::Unfunded)], ..outcome.clone() },
            Outcome { places: Vec::new(), ..outcome.clone() },
        ];
        let digests: std::collections::BTreeSet<_> = others.iter().map(|other| other.digest().unwrap()).collect();
        assert_eq!(digests.len(), others.len());
        assert!(!digests.contains(DIGEST));
    }

    const DIGEST: &str = "b5a69e5f86e441ddbf878b01cbb9555aa980e3d770c3b2ef4007a7484b1fb377";
}
