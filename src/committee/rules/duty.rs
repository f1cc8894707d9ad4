//! Which seat votes on which application, in which order, and how old somebody is.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;

use crate::clock::{Date, Instant};
use crate::crypto::hmac_sha256;
use crate::eligibility::has_turned;
use crate::error::{Error, Result};
use crate::ids::{ApplicationId, PersonId, SeatId};

use super::{SeatKind, VoteCast};

/// A seat on a committee and who holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seated {
    pub id: SeatId,
    pub person: PersonId,
    pub kind: SeatKind,
    /// For a substitute, the seat it stands for.
    pub substitutes_for: Option<SeatId>,
    /// The association that sends the person.
    pub association: String,
    pub seated_at: Instant,
    /// Until when it can be acted by. Nothing: to the end of the round.
    pub ends_at: Option<Instant>,
}

impl Seated {
    /// Whether the seat can be acted by at a moment.
    pub fn is_held_at(&self, now: Instant) -> bool {
        self.ends_at.is_none_or(|end| now < end)
    }

    /// Whether an application is this seat's to vote on: not where it is recused, not its holder's own (`is_own`, whoever
    /// it stands under), and a substitute's only where the seat it stands for is recused and one of the [`voting_seats`].
    pub fn votes_on(&self, is_own: bool, recused: &BTreeSet<SeatId>, voting: &BTreeSet<SeatId>) -> bool {
        let is_left = |principal: SeatId| recused.contains(&principal) && voting.contains(&principal);
        let stands_in = self.substitutes_for.is_none_or(is_left);
        stands_in && !recused.contains(&self.id) && !is_own
    }
}

/// The chair of a committee: of several, whose seats ended one after the other, the last. Seats come in the order of seating.
pub fn presiding(seats: &[Seated]) -> Option<SeatId> {
    seats.iter().rev().find(|seat| seat.kind == SeatKind::Chair).map(|seat| seat.id)
}

/// How long a step of the voting waits for somebody to take it before the clock does: seats are given late, too.
pub const GRACE: Duration = Duration::from_secs(3600);

/// Whether a step of the voting that was due at a moment is left to the clock: nobody holds the chair's seat, and for a while
/// nobody did. Where there never was a committee, nothing is: the clock alone decides on nobody's application.
pub fn is_left_to_clock(seats: &[Seated], due: Instant, now: Instant) -> bool {
    let chairs = || seats.iter().filter(|seat| seat.kind == SeatKind::Chair);
    let since = chairs().filter_map(|seat| seat.ends_at).fold(due, Instant::max);
    !seats.is_empty() && !chairs().any(|seat| seat.is_held_at(now)) && now >= since.plus(GRACE)
}

/// The seats that a quorum is counted of: the members and the chair, whoever is recused. A chair who was followed by another
/// is not among them, and their votes count no more: the next one votes anew.
pub fn voting_seats(seats: &[Seated]) -> BTreeSet<SeatId> {
    let members = seats.iter().filter(|seat| seat.kind == SeatKind::Member).map(|seat| seat.id);
    members.chain(presiding(seats)).collect()
}

/// The votes that count, of those that were cast: all but those of a chair who was followed by another, and of whoever stood
/// in for them.
pub fn counting(cast: &[VoteCast], seats: &[Seated]) -> Vec<VoteCast> {
    let voting = voting_seats(seats);
    let counts = |seat: &&Seated| voting.contains(&seat.substitutes_for.unwrap_or(seat.id));
    let counting: BTreeSet<SeatId> = seats.iter().filter(counts).map(|seat| seat.id).collect();
    cast.iter().filter(|cast| counting.contains(&cast.seat)).copied().collect()
}

/// Where an application stands in the queue of a seat: a hash of both, so that each seat has an order of its own that
/// never changes, and the load is spread: not everybody begins with the same ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct QueuePlace([u8; 32]);

impl QueuePlace {
    pub fn of(seat: SeatId, application: ApplicationId) -> Self {
        Self(hmac_sha256(seat.uuid().as_bytes(), application.uuid().as_bytes()))
    }
}

impl fmt::Display for QueuePlace {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&BASE64URL_NOPAD.encode(&self.0))
    }
}

impl FromStr for QueuePlace {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let bytes = crate::page::cursor_bytes::<32>(text);
        bytes.map(Self).ok_or_else(|| Error::invalid("cursor", "not a cursor of this list"))
    }
}

/// Full years of life on a day.
pub fn age(born: Date, on: Date) -> u8 {
    (1..=u8::MAX).take_while(|years| has_turned(born, *years, on)).last().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn seated(id: SeatId, substitutes_for: Option<SeatId>) -> Seated {
        let kind = if substitutes_for.is_some() { SeatKind::Substitute } else { SeatKind::Member };
        let seated_at = Instant::from_micros(0);
        let association = String::new();
        Seated { id, person: PersonId::new(), kind, substitutes_for, association, seated_at, ends_at: None }
    }

    #[test]
    fn a_substitute_votes_where_the_member_does_not() {
        let (member, substitute) = (SeatId::new(), SeatId::new());
        let (one, other) = (seated(member, None), seated(substitute, Some(member)));
        let votes = |recused: &[SeatId]| {
            let (recused, voting) = (recused.iter().copied().collect(), BTreeSet::from([member]));
            (one.votes_on(false, &recused, &voting), other.votes_on(false, &recused, &voting))
        };
        assert_eq!(votes(&[]), (true, false));
        assert_eq!(votes(&[member]), (false, true));
        assert_eq!(votes(&[member, substitute]), (false, false));
        let voting = BTreeSet::from([member]);
        assert!(!one.votes_on(true, &BTreeSet::new(), &voting), "nobody votes on their own application");
    }

    #[test]
    fn a_seat_ends_on_its_moment() {
        let at = Instant::from_micros;
        let seat = Seated { ends_at: Some(at(7)), ..seated(SeatId::new(), None) };
        assert!(seat.is_held_at(at(6)) && !seat.is_held_at(at(7)));
    }

    #[test]
    fn a_chair_who_was_followed_by_another_counts_no_more() {
        let chair = || Seated { kind: SeatKind::Chair, ..seated(SeatId::new(), None) };
        let (former, member, last) = (chair(), seated(SeatId::new(), None), chair());
        let substitute = seated(SeatId::new(), Some(member.id));
        let seats = [former, member, last, substitute];
        assert_eq!(presiding(&seats), Some(seats[2].id));
        assert_eq!(voting_seats(&seats), BTreeSet::from([seats[1].id, seats[2].id]));
        let cast = |seat: &Seated| VoteCast { seat: seat.id, vote: super::super::Vote::Approve, score: None };
        let votes: Vec<VoteCast> = seats.iter().map(cast).collect();
        assert_eq!(counting(&votes, &seats), votes[1..]);
        assert_eq!(voting_seats(&seats[1..2]).len(), 1, "there may be no chair");
    }

    #[test]
    fn nobody_stands_in_for_a_chair_who_was_followed_by_another() {
        let chair = || Seated { kind: SeatKind::Chair, ..seated(SeatId::new(), None) };
        let former = chair();
        let recused = BTreeSet::from([former.id]);
        let substitute = seated(SeatId::new(), Some(former.id));
        let mut seats = vec![former, substitute, seated(SeatId::new(), None)];
        let cast = |seat: &Seated| VoteCast { seat: seat.id, vote: super::super::Vote::Approve, score: None };
        let votes: Vec<VoteCast> = seats.iter().map(cast).collect();
        let stands_in = |seats: &[Seated]| seats[1].votes_on(false, &recused, &voting_seats(seats));
        assert!(stands_in(&seats), "nobody presides in their place yet");
        assert_eq!(counting(&votes[1..], &seats), votes[1..]);
        seats.push(chair());
        assert!(!stands_in(&seats));
        assert_eq!(counting(&votes[1..], &seats), votes[2..]);
    }

    #[test]
    fn without_a_chair_a_step_is_left_to_the_clock() {
        let at = |seconds: i64| Instant::from_micros(seconds * 1_000_000);
        let chair = |ends_at| Seated { kind: SeatKind::Chair, ends_at, ..seated(SeatId::new(), None) };
        let member = || seated(SeatId::new(), None);
        let (due, hour) = (at(100_000), 3600);
        let is_left = |seats: &[Seated], seconds| is_left_to_clock(seats, due, at(seconds));
        assert!(!is_left(&[], 900_000), "nobody was ever seated");
        assert!(!is_left(&[member()], 100_000 + hour - 1) && is_left(&[member()], 100_000 + hour));
        assert!(!is_left(&[chair(None), member()], 900_000));
        assert!(!is_left(&[chair(Some(at(7))), chair(Some(at(900_001)))], 900_000), "the second holds it");
        let ended = [chair(Some(at(200_000))), member()];
        assert!(!is_left(&ended, 200_000 + hour - 1) && is_left(&ended, 200_000 + hour), "time to seat another");
        assert!(is_left(&[chair(Some(at(7)))], 100_000 + hour));
    }

    #[test]
    fn an_age_is_full_years() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        assert_eq!(age(day("1985-01-01"), day("2020-05-06")), 35);
        assert_eq!(age(day("2020-05-06"), day("2020-05-06")), 0);
        assert_eq!(age(day("2021-05-06"), day("2020-05-06")), 0);
        assert_eq!(age(day("2004-02-29"), day("2022-02-28")), 17);
    }

    proptest! {
        /// Of twenty applications, no two of five seats begin with the same ones in the same order.
        #[test]
        fn every_seat_has_an_order_of_its_own(seed: u128) {
            let ids: Vec<ApplicationId> = (0..20).map(|at| Uuid::from_u128(seed.wrapping_add(at)).into()).collect();
            let order = |seat: u128| {
                let seat = SeatId::from(Uuid::from_u128(seed.rotate_left(7).wrapping_add(seat)));
                let mut order = ids.clone();
                order.sort_by_cached_key(|id| QueuePlace::of(seat, *id));
                order
            };
            let orders: BTreeSet<Vec<ApplicationId>> = (0..5).map(order).collect();
            prop_assert_eq!(orders.len(), 5);
            let place = QueuePlace::of(SeatId::new(), ids[0]);
            prop_assert_eq!(place.to_string().parse::<QueuePlace>().unwrap(), place);
        }
    }
}
