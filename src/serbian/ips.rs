//! The text inside an NBS IPS QR code, with which a donor's bank application fills in a payment.

use super::{BankAccount, Reference, digits};

/// The most that fits into the 18 characters of the tag: `RSD999999999999,99`.
const LARGEST_AMOUNT_PARA: i64 = 99_999_999_999_999;

/// A payment that somebody is asked for. White space around texts is dropped, empty texts are left out.
#[derive(Clone, Copy)]
pub struct PaymentQr<'a> {
    pub account: &'a BankAccount,
    /// Name of the payee, and its place if there is room: 1 to 70 characters.
    pub payee: &'a str,
    /// In para, above zero.
    pub amount_para: i64,
    /// Name and place of the payer, at most 70 characters; may be empty.
    pub payer: &'a str,
    /// Šifra plaćanja, 3 digits; a setting of the call.
    pub payment_code: &'a str,
    /// At most 35 characters; may be empty.
    pub purpose: &'a str,
    /// With its model never above the 25 characters that the tag takes.
    pub reference: Option<&'a Reference>,
}

/// A field that cannot go into the code, and why. Texts are named by their tag: N payee, P payer, S purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IpsError {
    #[error("the payee is missing")]
    PayeeMissing,
    #[error("the text of {tag} is too long")]
    TextTooLong { tag: &'static str },
    #[error("the text of {tag} holds a bar, a line end or another control character")]
    ForbiddenCharacter { tag: &'static str },
    #[error("the amount is not above zero")]
    AmountNotPositive,
    #[error("the amount is above 999.999.999.999,99 RSD")]
    AmountTooLarge,
    #[error("the payment code is not three digits")]
    PaymentCodeNotThreeDigits,
}

impl PaymentQr<'_> {
    /// The text to draw as a QR code in UTF-8, tags in the order K V C R N I P SF S RO; or all errors at once.
    ///
    /// Source: the National Bank's rules for the IPS QR code (nbs.rs/QRcode), as far as fund.md uses them.
    /// Stricter than the bank: a line end inside a text is refused.
    pub fn text(&self) -> Result<String, Vec<IpsError>> {
        let errors = self.errors();
        errors.is_empty().then(|| self.tags()).ok_or(errors)
    }

    fn errors(&self) -> Vec<IpsError> {
        let is_code = digits::exactly::<3>(self.payment_code).is_some();
        let has_payee = !self.payee.trim().is_empty();
        let alone = [
            (!has_payee).then_some(IpsError::PayeeMissing),
            (self.amount_para <= 0).then_some(IpsError::AmountNotPositive),
            (self.amount_para > LARGEST_AMOUNT_PARA).then_some(IpsError::AmountTooLarge),
            (!is_code).then_some(IpsError::PaymentCodeNotThreeDigits),
        ];
        let payee = text_errors("N", self.payee, 70);
        let payer = text_errors("P", self.payer, 70);
        let purpose = text_errors("S", self.purpose, 35);
        let all = alone.into_iter().chain(payee).chain(payer).chain(purpose);
        all.flatten().collect()
    }

    fn tags(&self) -> String {
        // No thousands separator, a comma, always two decimals.
        let (dinars, para) = (self.amount_para / 100, self.amount_para % 100);
        let amount = format!("RSD{dinars},{para:02}");
        let reference = self.reference.map(Reference::with_model);
        let tags = [
            ("K", "PR"),
            ("V", "01"),
            ("C", "1"),
            ("R", self.account.as_str()),
            ("N", self.payee.trim()),
            ("I", &amount),
            ("P", self.payer.trim()),
            ("SF", self.payment_code),
            ("S", self.purpose.trim()),
            ("RO", reference.as_deref().unwrap_or_default()),
        ];
        let filled: Vec<String> = tags.into_iter().filter_map(filled).collect();
        filled.join("|")
    }
}

/// A tag with its content, left out where there is none.
fn filled((tag, content): (&str, &str)) -> Option<String> {
    (!content.is_empty()).then(|| format!("{tag}:{content}"))
}

fn text_errors(tag: &'static str, text: &str, limit_characters: usize) -> [Option<IpsError>; 2] {
    let is_too_long = text.trim().chars().count() > limit_characters;
    let is_unfit = text.contains(is_forbidden);
    [is_too_long.then_some(IpsError::TextTooLong { tag }), is_unfit.then_some(IpsError::ForbiddenCharacter { tag })]
}

/// A bar would start a new tag: whoever writes a text could write another amount behind it.
fn is_forbidden(character: char) -> bool {
    character.is_control() || matches!(character, '|' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::IpsError::{AmountNotPositive, AmountTooLarge, ForbiddenCharacter};
    use super::IpsError::{PayeeMissing, PaymentCodeNotThreeDigits, TextTooLong};
    use super::*;

    static ACCOUNT: LazyLock<BankAccount> = LazyLock::new(|| BankAccount::parse("840-955845-10").unwrap());

    /// The text or the errors of a donation that has only what it must, but for the change.
    fn text_with<'a>(change: impl FnOnce(&mut PaymentQr<'a>)) -> Result<String, Vec<IpsError>> {
        let mut qr = PaymentQr {
            account: &ACCOUNT,
            payee: "Fond solidarnosti",
            amount_para: 102_512,
            payer: "",
            payment_code: "290",
            purpose: " ",
            reference: None,
        };
        change(&mut qr);
        qr.text()
    }

    #[test]
    fn tags_stand_in_order_and_empty_ones_are_left_out() {
        let start = "K:PR|V:01|C:1|R:840000000095584510|N:Fond solidarnosti|I:RSD1025,12";
        assert_eq!(text_with(|_| ()).unwrap(), format!("{start}|SF:290"));
        let reference = Reference::of("123456789012345678901").unwrap();
        let full = text_with(|qr| {
            (qr.payer, qr.purpose) = ("Ђорђе Савић, Ужице", " Donacija: pomoć ");
            qr.reference = Some(&reference);
        });
        let rest = "P:Ђорђе Савић, Ужице|SF:290|S:Donacija: pomoć|RO:9705123456789012345678901";
        assert_eq!(full.unwrap(), format!("{start}|{rest}"));
    }

    #[test]
    fn limits_count_characters_not_bytes() {
        let with_lengths = |name: usize, purpose: usize| {
            let (name, purpose) = ("ш".repeat(name), "ш".repeat(purpose));
            text_with(|qr| (qr.payee, qr.payer, qr.purpose) = (&name, &name, &purpose))
        };
        assert!(with_lengths(70, 35).is_ok());
        let errors = ["N", "P", "S"].map(|tag| TextTooLong { tag });
        assert_eq!(with_lengths(71, 36).unwrap_err(), errors);
    }

    #[test]
    fn all_errors_come_at_once() {
        let found = text_with(|qr| {
            (qr.payee, qr.payer, qr.purpose) = (" ", "Ana|I:RSD1,00", "prvi\nred");
            (qr.amount_para, qr.payment_code) = (0, "29");
        });
        let alone = [PayeeMissing, AmountNotPositive, PaymentCodeNotThreeDigits];
        let of_texts = ["P", "S"].map(|tag| ForbiddenCharacter { tag });
        assert_eq!(found.unwrap_err(), [&alone[..], &of_texts].concat());
    }

    #[test]
    fn amounts_and_codes_have_borders() {
        let with_amount = |para| text_with(|qr| qr.amount_para = para);
        assert!(with_amount(1).unwrap().contains("|I:RSD0,01|"));
        let largest = with_amount(LARGEST_AMOUNT_PARA).unwrap();
        assert!(largest.contains("|I:RSD999999999999,99|"), "{largest}");
        let outside = [LARGEST_AMOUNT_PARA + 1, i64::MIN];
        let errors = outside.map(|para| with_amount(para).unwrap_err()).concat();
        assert_eq!(errors, [AmountTooLarge, AmountNotPositive]);
        for code in ["", "2900", "2９", "+29", "29A"] {
            let errors = text_with(|qr| qr.payment_code = code).unwrap_err();
            assert_eq!(errors, [PaymentCodeNotThreeDigits], "{code}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_out_of_its_tag(payer in "\\PC{0,70}|[aш:|\n\r\u{2028}\u{2029} ]{0,9}") {
            let is_plain = !payer.contains(['|', '\n', '\r', '\u{2028}', '\u{2029}']);
            let tags = if payer.trim().is_empty() { "KVCRNIS" } else { "KVCRNIPS" };
            let initials = |text: String| text.split('|').filter_map(|tag| tag.chars().next()).collect();
            let found: Option<String> = text_with(|qr| qr.payer = &payer).ok().map(initials);
            prop_assert_eq!(found.as_deref(), is_plain.then_some(tags), "{:?}", payer);
        }
    }
}
