//! The letters in Serbian Latin, derived from the Cyrillic ones.

use super::{asked_for, told, told_to_officers};
use crate::language::Language;

#[test]
fn what_people_ask_for() {
    insta::assert_snapshot!(asked_for(Language::SerbianLatin), @r#"
    == confirm_registration: Potvrdite svoju adresu

    Dobar dan,

    sa ovom adresom je zatražen nalog kod nas. Da biste ga otvorili, potvrdite adresu na ovom linku:

    https://example.org/l?t=Ab_9

    Link važi 24 sata od kada je zatražen.

    Ako ovo niste tražili, ne morate ništa da radite. Nalog tada neće biti otvoren.

    Ako Vam treba pomoć, pišite nam na pomoc@example.org.

    Fond solidarnosti

    == already_registered: Već imate nalog

    Dobar dan,

    sa ovom adresom je zatražen nov nalog, ali ga Vi kod nas već imate. U njega možete ući ovde:

    https://example.org/l?t=Ab_9

    Ako ste zaboravili lozinku, na istoj stranici možete zatražiti novu. Ako ovo niste tražili, ne morate ništa da radite.

    Ako Vam treba pomoć, pišite nam na pomoc@example.org.

    Fond solidarnosti

    == sign_in_link: Vaš link za ulazak

    Dobar dan,

    u svoj nalog možete ući preko ovog linka:

    https://example.org/l?t=Ab_9

    ili tako što ćete na stranici upisati ovaj kod:

    012345

    Link i kod važe 10 minuta i mogu se upotrebiti samo jednom.
    Ako kod pet puta pogrešno upišete, prestaje da važi, a link i dalje radi.

    Nemojte ih nikome prosleđivati ni diktirati, ni onima koji kažu da zovu iz fonda.

    Ako ovo niste tražili, ne morate ništa da radite.

    Ako Vam treba pomoć, pišite nam na pomoc@example.org.

    Fond solidarnosti

    == no_account: Nemate nalog sa ovom adresom

    Dobar dan,

    neko je sa ovom adresom pokušao da uđe u nalog, ali kod nas takav nalog ne postoji. Možda ste nalog otvorili sa nekom drugom adresom.

    Nov nalog možete otvoriti ovde:

    https://example.org/l?t=Ab_9

    Ako ovo niste tražili, ne morate ništa da radite.

    Ako Vam treba pomoć, pišite nam na pomoc@example.org.

    Fond solidarnosti

    == reset_password: Nova lozinka

    Dobar dan,

    novu lozinku možete izabrati ovde:

    https://example.org/l?t=Ab_9

    Link važi 1 sat od kada je zatražen. Može se upotrebiti samo jednom.

    Ako ovo niste tražili, ne morate ništa da radite. Vaša lozinka tada ostaje ista.

    Ako Vam treba pomoć, pišite nam na pomoc@example.org.

    Fond solidarnosti
    "#);
}

#[test]
fn what_they_are_told() {
    insta::assert_snapshot!(told(Language::SerbianLatin), @r#"
    == password_changed: Lozinka je promenjena

    Dobar dan,

    lozinka Vašeg naloga je upravo promenjena. Ako ste to Vi učinili, sve je u redu.

    Ako to niste bili Vi, odmah nam pišite na pomoc@example.org.

    Ako Vam treba pomoć, pišite nam na pomoc@example.org.

    Fond solidarnosti

    == second_factor_changed: Drugi korak prijave je promenjen

    Dobar dan,

    kodovi kojima se potvrđuje da se prijavljujete baš Vi upravo su podešeni ili uklonjeni. Ako ste to Vi učinili, sve je u redu.

    Ako to niste bili Vi, odmah nam pišite na pomoc@example.org.

    Ako Vam treba pomoć, pišite nam na pomoc@example.org.

    Fond solidarnosti

    == confirm_new_email: Potvrdite novu adresu

    Dobar dan,

    zatraženo je da ovo postane adresa jednog naloga kod nas. Ako ste to Vi tražili, potvrdite ovde:

    https://example.org/l?t=Ab_9

    Link važi 24 sata od kada je zatražen.

    Ako ovo niste tražili, ne morate ništa da radite.

    Ako Vam treba pomoć, pišite nam na pomoc@example.org.

    Fond solidarnosti

    == confirm_old_email: Zatražena je promena adrese Vašeg naloga

    Dobar dan,

    zatraženo je da adresa Vašeg naloga postane n***@example.org. Ako ste to Vi tražili, potvrdite ovde:

    https://example.org/l?t=Ab_9

    Link važi 24 sata od kada je zatražen. Dok ne potvrdite, Vaša adresa ostaje ova.

    Ako to niste tražili Vi, ne otvarajte link: možda neko drugi zna Vašu lozinku. Promenite je i pišite nam na pomoc@example.org.

    Ako Vam treba pomoć, pišite nam na pomoc@example.org.

    Fond solidarnosti

    == email_changed: Adresa Vašeg naloga je promenjena

    Dobar dan,

    adresa Vašeg naloga je upravo promenjena. Ubuduće Vam pišemo na novu adresu, a ovo je poslednje pismo na ovu.

    Ako to niste bili Vi, odmah nam pišite na pomoc@example.org.

    Ako Vam treba pomoć, pišite nam na pomoc@example.org.

    Fond solidarnosti

    == session_ended_for_reuse: Iz predostrožnosti smo Vas odjavili

    Dobar dan,

    primetili smo da je isti pristup Vašem nalogu upotrebljen sa dva mesta. To može da znači da ga je neko preuzeo, pa smo ga iz predostrožnosti zatvorili.

    Molimo Vas da uđete ponovo. Ako niste sigurni da je sve u redu, promenite lozinku ili nam pišite na pomoc@example.org.

    Ako Vam treba pomoć, pišite nam na pomoc@example.org.

    Fond solidarnosti
    "#);
}

#[test]
fn what_officers_are_told() {
    insta::assert_snapshot!(told_to_officers(Language::SerbianLatin), @r#"
    == invitation: Poziv za rad u fondu

    Dobar dan,

    Fond solidarnosti Vas poziva da učestvujete u njegovom radu. Vaša uloga: blagajnik.

    Poziv prihvatate ovde:

    https://example.org/l?t=Ab_9

    Pre nego što uloga počne da radi, potrebno je da na telefonu podesite kodove kojima potvrđujete da ste to Vi (drugi korak prijave). Ako ste ih već podesili, ne morate ništa.

    Poziv važi 7 dana. Ako ga niste očekivali, ne morate ništa da radite.

    Ako Vam treba pomoć, pišite nam na pomoc@example.org.

    Fond solidarnosti

    == role_given: Dobili ste novu ulogu

    Dobar dan,

    Vaš nalog ima novu ulogu: osoba koja odobrava isplate. Videćete je kada sledeći put uđete u nalog.

    Pre nego što uloga počne da radi, potrebno je da na telefonu podesite kodove kojima potvrđujete da ste to Vi (drugi korak prijave). Ako ste ih već podesili, ne morate ništa.

    Ako ovo niste očekivali, pišite nam na pomoc@example.org.

    Ako Vam treba pomoć, pišite nam na pomoc@example.org.

    Fond solidarnosti

    == application_received: Primili smo Vašu prijavu K7QM-2X9D

    Dobar dan,

    Vaša prijava je stigla. Njena šifra je K7QM-2X9D: sačuvajte je, jer umesto Vašeg imena svuda koristimo nju.

    Dokle je prijava stigla i šta sledi, uvek možete da vidite ovde:

    https://example.org/l?t=Ab_9

    Ako Vam treba pomoć, pišite nam na pomoc@example.org.

    Fond solidarnosti

    == clarification_asked: Pitanje o Vašoj prijavi K7QM-2X9D

    Dobar dan,

    Imamo pitanje o Vašoj prijavi K7QM-2X9D. Pročitajte ga i odgovorite ovde:

    https://example.org/l?t=Ab_9

    Odgovor nam pomaže da odlučimo; ništa drugo sada nije potrebno.

    Ako Vam treba pomoć, pišite nam na pomoc@example.org.

    Fond solidarnosti

    == roles_suspended: Vaše uloge u fondu su obustavljene

    Dobar dan,

    administrator fonda je obustavio Vaše uloge u fondu, pa radnje koje one omogućavaju zasad nisu moguće. Iz predostrožnosti smo Vas odjavili svuda gde ste bili u nalogu.

    Nalog Vam ostaje: možete ponovo da uđete, a sve što imate kao podnosilac prijave i dalje je Vaše.

    Ako mislite da je to greška, ili ne znate zašto se dogodilo, pišite nam na pomoc@example.org.

    Ako Vam treba pomoć, pišite nam na pomoc@example.org.

    Fond solidarnosti

    == roles_restored: Vaše uloge u fondu ponovo važe

    Dobar dan,

    administrator fonda je vratio Vaše uloge. Sve što su Vam omogućavale ponovo je moguće, osim ako je rok neke od njih u međuvremenu istekao.

    Ako imate pitanja, pišite nam na pomoc@example.org.

    Ako Vam treba pomoć, pišite nam na pomoc@example.org.

    Fond solidarnosti
    "#);
}
