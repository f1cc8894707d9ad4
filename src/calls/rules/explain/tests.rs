//! Every key of the rules is spoken of, in every language, and the sentences are whole.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn rules() -> Value {
    serde_json::from_str(include_str!("../../../../tests/cases/2020/call.json")).unwrap()
}

fn other_aid() -> Vec<OtherAid> {
    let aid = |title: &str, disqualifies| OtherAid {
        title: title.to_owned(),
        provider: "Republika Srbija".to_owned(),
        disqualifies,
    };
    vec![aid("Pomoć samostalnim umetnicima", true), aid("100 evra svim punoletnim građanima", false)]
}

fn told(rules: &Value, language: Language) -> String {
    let rules: Rules = serde_json::from_value(rules.clone()).unwrap();
    assert_eq!(rules.problems(), []);
    let sections = explain(&rules, &other_aid(), language);
    let section = |section: Section| format!("# {}\n{}\n", section.title, section.sentences.join("\n"));
    sections.into_iter().map(section).collect()
}

#[test]
fn the_call_of_2020_in_cyrillic() {
    insta::assert_snapshot!(told(&rules(), Language::SerbianCyrillic), @r"
    # Ко може да се пријави и до када
    Позив: Јавни позив за једнократну солидарну помоћ 2020 (ознака 2020-1).
    Пријаве се примају од 16. јула 2020. у 00.00.
    Последњи тренутак за пријаву је 6. август 2020. у 23.59.
    Сва времена су по београдском времену.
    Може да се пријави ко је пунолетан; дан на који се рачунају године, Ваше и Ваше деце, јесте 6. мај 2020. године.
    Једна особа подноси једну пријаву.
    Из једног домаћинства може да се пријави само једна особа.
    О уметничкој вредности се не одлучује, и не морате да будете члан ниједног удружења.
    # Због чега помоћ не може да се додели
    Рачуна се друга помоћ исплаћена од 15. марта 2020. до 15. октобра 2020. године, са оба та дана.
    Не може да се пријави ко је примио: Помоћ самосталним уметницима (Република Србија).
    Не смета ако сте примили: 100 евра свим пунолетним грађанима (Република Србија).
    Помоћ коју сте примили наведите у пријави. Фонд је проверава и у евиденцијама оних који су је давали.
    Рачун на који се помоћ исплаћује мора да гласи на Вас.
    Не могу да се пријаве чланови комисије, они који раде за фонд и њихова најужа породица.
    # Категорије, по редоследу предности
    Припадате првој категорији чије све услове испуњавате.
    Категорија 1 – Самохрани родитељи деце до 18 година без икаквих прихода: домаћинство је остало без свих прихода; самохрани сте родитељ; имате дете млађе од 18 година.
    Категорија 2 – Старији од 65 који живе сами, без додатних прихода: домаћинство је остало без свих прихода; имате најмање 65 година; живите сами; пензија и социјална давања су највише 25.000,00 динара месечно; немате другу подршку.
    Категорија 3 – Чланови домаћинства са децом без икаквих прихода: домаћинство је остало без свих прихода; имате дете млађе од 18 година.
    Категорија 4 – Појединци без већине прихода у домаћинству: домаћинство је остало без већине прихода.
    Већина прихода значи: више од 50% онога што је домаћинство имало.
    # Како се дели новац
    Сви износи су у динарима (RSD).
    За помоћ је предвиђено 5.182.800,00 динара.
    Новац се дели по категоријама редом: свако добија 30.000,00 динара. Прва категорија за коју то није довољно дели остатак на једнаке делове.
    Ако би такав део био мањи од 20.000,00 динара, толико добија онолико људи за колико новца има.
    Износи се заокружују наниже, на износ дељив са 100,00 динара.
    Чија је пријава прихваћена, а новца за њу нема, чека на резервној листи.
    Број за жреб се јавно бележи после гласања, па свако може да понови жреб и провери га.
    # Ко има предност када су пријаве изједначене
    Одлучује, овим редом: више деце; мањи приход по члану домаћинства; становање под киријом; жреб.
    Када ништа друго не одлучи, одлучује редослед шифара пријава.
    # Шта следи
    Комисија гласа до 15. октобра 2020. у 18.00.
    Приговор може да се поднесе у року од 8 дана од објављивања прелиминарне листе.
    Порески основ: Мишљење Министарства финансија 401-00-3099/2020-04 од 10.8.2020.
    Шифра плаћања је 249.
    ");
}

#[test]
fn the_call_of_2020_in_latin() {
    insta::assert_snapshot!(told(&rules(), Language::SerbianLatin), @r"
    # Ko može da se prijavi i do kada
    Poziv: Javni poziv za jednokratnu solidarnu pomoć 2020 (oznaka 2020-1).
    Prijave se primaju od 16. jula 2020. u 00.00.
    Poslednji trenutak za prijavu je 6. avgust 2020. u 23.59.
    Sva vremena su po beogradskom vremenu.
    Može da se prijavi ko je punoletan; dan na koji se računaju godine, Vaše i Vaše dece, jeste 6. maj 2020. godine.
    Jedna osoba podnosi jednu prijavu.
    Iz jednog domaćinstva može da se prijavi samo jedna osoba.
    O umetničkoj vrednosti se ne odlučuje, i ne morate da budete član nijednog udruženja.
    # Zbog čega pomoć ne može da se dodeli
    Računa se druga pomoć isplaćena od 15. marta 2020. do 15. oktobra 2020. godine, sa oba ta dana.
    Ne može da se prijavi ko je primio: Pomoć samostalnim umetnicima (Republika Srbija).
    Ne smeta ako ste primili: 100 evra svim punoletnim građanima (Republika Srbija).
    Pomoć koju ste primili navedite u prijavi. Fond je proverava i u evidencijama onih koji su je davali.
    Račun na koji se pomoć isplaćuje mora da glasi na Vas.
    Ne mogu da se prijave članovi komisije, oni koji rade za fond i njihova najuža porodica.
    # Kategorije, po redosledu prednosti
    Pripadate prvoj kategoriji čije sve uslove ispunjavate.
    Kategorija 1 – Samohrani roditelji dece do 18 godina bez ikakvih prihoda: domaćinstvo je ostalo bez svih prihoda; samohrani ste roditelj; imate dete mlađe od 18 godina.
    Kategorija 2 – Stariji od 65 koji žive sami, bez dodatnih prihoda: domaćinstvo je ostalo bez svih prihoda; imate najmanje 65 godina; živite sami; penzija i socijalna davanja su najviše 25.000,00 dinara mesečno; nemate drugu podršku.
    Kategorija 3 – Članovi domaćinstva sa decom bez ikakvih prihoda: domaćinstvo je ostalo bez svih prihoda; imate dete mlađe od 18 godina.
    Kategorija 4 – Pojedinci bez većine prihoda u domaćinstvu: domaćinstvo je ostalo bez većine prihoda.
    Većina prihoda znači: više od 50% onoga što je domaćinstvo imalo.
    # Kako se deli novac
    Svi iznosi su u dinarima (RSD).
    Za pomoć je predviđeno 5.182.800,00 dinara.
    Novac se deli po kategorijama redom: svako dobija 30.000,00 dinara. Prva kategorija za koju to nije dovoljno deli ostatak na jednake delove.
    Ako bi takav deo bio manji od 20.000,00 dinara, toliko dobija onoliko ljudi za koliko novca ima.
    Iznosi se zaokružuju naniže, na iznos deljiv sa 100,00 dinara.
    Čija je prijava prihvaćena, a novca za nju nema, čeka na rezervnoj listi.
    Broj za žreb se javno beleži posle glasanja, pa svako može da ponovi žreb i proveri ga.
    # Ko ima prednost kada su prijave izjednačene
    Odlučuje, ovim redom: više dece; manji prihod po članu domaćinstva; stanovanje pod kirijom; žreb.
    Kada ništa drugo ne odluči, odlučuje redosled šifara prijava.
    # Šta sledi
    Komisija glasa do 15. oktobra 2020. u 18.00.
    Prigovor može da se podnese u roku od 8 dana od objavljivanja preliminarne liste.
    Poreski osnov: Mišljenje Ministarstva finansija 401-00-3099/2020-04 od 10.8.2020.
    Šifra plaćanja je 249.
    ");
}

#[test]
fn the_call_of_2020_in_english() {
    insta::assert_snapshot!(told(&rules(), Language::English), @r"
    # Who can apply, and until when
    The call: Open call for one-off solidarity aid 2020 (code 2020-1).
    Applications are taken from 16 July 2020 at 00:00.
    The last moment to apply is 6 August 2020 at 23:59.
    All times are those of Belgrade.
    Whoever is of age can apply; the day on which ages are counted, yours and your children's, is 6 May 2020.
    One person sends in one application.
    Only one person of a household can apply.
    Artistic merit is not judged, and you need not be a member of any association.
    # What rules out the aid
    Other aid counts if it was paid from 15 March 2020 to 15 October 2020, both days included.
    Whoever received this cannot apply: Pomoć samostalnim umetnicima (Republika Srbija).
    It does no harm if you received: 100 evra svim punoletnim građanima (Republika Srbija).
    Name the aid that you received in your application. The fund also checks it in the lists of those who gave it.
    The account that the aid is paid to must be in your own name.
    Members of the committee, those who work for the fund, and their immediate family cannot apply.
    # The categories, in order of priority
    You belong to the first category all of whose conditions you meet.
    Category 1 – Single parents of children up to 18 who lost all income: your household lost all of its income; you are a single parent; you have a child younger than 18 years.
    Category 2 – Over 65, living alone, who lost all additional income: your household lost all of its income; you are at least 65 years old; you live alone; pension and benefits are at most 25,000.00 dinars a month; you have no other support.
    Category 3 – Members of households with children that lost all income: your household lost all of its income; you have a child younger than 18 years.
    Category 4 – Individuals who lost most of the household's income: your household lost most of its income.
    Most of the income means: more than 50% of what the household had.
    # How the money is shared
    All amounts are in dinars (RSD).
    5,182,800.00 dinars are set aside for the aid.
    The money is shared category by category: everybody gets 30,000.00 dinars. The first category for which it does not suffice shares equally what is left.
    Where such a share would be below 20,000.00 dinars, that amount goes to as many people as there is money for.
    Amounts are rounded down, to a multiple of 100.00 dinars.
    Whoever's application is approved but not reached by the money waits on the reserve list.
    The number for the draw is put on public record after the voting, so that anybody can repeat the draw and check it.
    # Who comes first between equal applications
    What decides, in this order: more children; less income per member of the household; living in a rented home; a draw.
    Where nothing else decides, the order of the reference codes does.
    # What comes next
    The committee votes until 15 October 2020 at 18:00.
    An objection can be made within 8 days from the publication of the preliminary list.
    Tax basis: Mišljenje Ministarstva finansija 401-00-3099/2020-04 od 10.8.2020.
    The payment code is 249.
    ");
}

/// An allocation of each method, with every key that it uses.
fn allocations() -> [Value; 5] {
    let ties = json!(["tenant_first", "children_desc"]);
    [
        json!({"method": "category_order", "budget": "5000.00", "full_amount": "300.00", "minimum_amount": "200.00",
            "round_down_to": "10.00", "ties": ties}),
        json!({"method": "equal_split", "budget": "5000.00", "cap": "300.00", "round_down_to": "10.00"}),
        json!({"method": "score_order", "budget": "5000.00", "full_amount": "300.00", "minimum_score": "60.5000",
            "round_down_to": "10.00", "ties": ties}),
        json!({"method": "income_bands", "budget": "5000.00", "round_down_to": "10.00", "ties": ties, "bands": [
            {"income_per_member_at_most": "100.00", "amount": "300.00"}, {"amount": "200.00"}]}),
        json!({"method": "draw", "budget": "5000.00", "full_amount": "300.00", "tickets": "one_plus_children",
            "round_down_to": "10.00"}),
    ]
}

/// How each method shares, and who comes first between equals.
fn told_of_money(language: Language) -> String {
    let section = |allocation: &Value| {
        let mut rules = rules();
        rules["allocation"] = allocation.clone();
        let text = told(&rules, language);
        let from = text.split("# ").skip(4);
        from.take_while(|section| !section.contains("249")).collect::<String>()
    };
    allocations().iter().map(section).collect::<Vec<_>>().join("\n")
}

#[test]
fn each_method_in_serbian() {
    insta::assert_snapshot!(told_of_money(Language::SerbianLatin), @r"
    Kako se deli novac
    Svi iznosi su u dinarima (RSD).
    Za pomoć je predviđeno 5.000,00 dinara.
    Novac se deli po kategorijama redom: svako dobija 300,00 dinara. Prva kategorija za koju to nije dovoljno deli ostatak na jednake delove.
    Ako bi takav deo bio manji od 200,00 dinara, toliko dobija onoliko ljudi za koliko novca ima.
    Iznosi se zaokružuju naniže, na iznos deljiv sa 10,00 dinara.
    Čija je prijava prihvaćena, a novca za nju nema, čeka na rezervnoj listi.
    Ko ima prednost kada su prijave izjednačene
    Odlučuje, ovim redom: stanovanje pod kirijom; više dece.
    Kada ništa drugo ne odluči, odlučuje redosled šifara prijava.

    Kako se deli novac
    Svi iznosi su u dinarima (RSD).
    Za pomoć je predviđeno 5.000,00 dinara.
    Svi čija je prijava prihvaćena dobijaju isti iznos, najviše 300,00 dinara.
    Iznosi se zaokružuju naniže, na iznos deljiv sa 10,00 dinara.

    Kako se deli novac
    Svi iznosi su u dinarima (RSD).
    Za pomoć je predviđeno 5.000,00 dinara.
    Po 300,00 dinara dobijaju redom oni sa najvišom prosečnom ocenom komisije, dok novca ima.
    Potrebna je prosečna ocena od najmanje 60,5 od 100.
    Iznosi se zaokružuju naniže, na iznos deljiv sa 10,00 dinara.
    Čija je prijava prihvaćena, a novca za nju nema, čeka na rezervnoj listi.
    Ko ima prednost kada su prijave izjednačene
    Odlučuje, ovim redom: stanovanje pod kirijom; više dece.
    Kada ništa drugo ne odluči, odlučuje redosled šifara prijava.

    Kako se deli novac
    Svi iznosi su u dinarima (RSD).
    Za pomoć je predviđeno 5.000,00 dinara.
    Iznos zavisi od prihoda po članu domaćinstva. Viši iznosi se dodeljuju prvi, dok novca ima.
    Prihod po članu do 100,00 dinara: pomoć je 300,00 dinara.
    Veći prihod po članu: pomoć je 200,00 dinara.
    Iznosi se zaokružuju naniže, na iznos deljiv sa 10,00 dinara.
    Čija je prijava prihvaćena, a novca za nju nema, čeka na rezervnoj listi.
    Ko ima prednost kada su prijave izjednačene
    Odlučuje, ovim redom: stanovanje pod kirijom; više dece.
    Kada ništa drugo ne odluči, odlučuje redosled šifara prijava.

    Kako se deli novac
    Svi iznosi su u dinarima (RSD).
    Za pomoć je predviđeno 5.000,00 dinara.
    Po 300,00 dinara dobijaju oni koje odredi žreb, dok novca ima.
    Svaka prijava ima po jedan listić, i još po jedan za svako dete.
    Iznosi se zaokružuju naniže, na iznos deljiv sa 10,00 dinara.
    Čija je prijava prihvaćena, a novca za nju nema, čeka na rezervnoj listi.
    Broj za žreb se javno beleži posle glasanja, pa svako može da ponovi žreb i proveri ga.
    ");
}

#[test]
fn each_method_in_english() {
    insta::assert_snapshot!(told_of_money(Language::English), @r"
    How the money is shared
    All amounts are in dinars (RSD).
    5,000.00 dinars are set aside for the aid.
    The money is shared category by category: everybody gets 300.00 dinars. The first category for which it does not suffice shares equally what is left.
    Where such a share would be below 200.00 dinars, that amount goes to as many people as there is money for.
    Amounts are rounded down, to a multiple of 10.00 dinars.
    Whoever's application is approved but not reached by the money waits on the reserve list.
    Who comes first between equal applications
    What decides, in this order: living in a rented home; more children.
    Where nothing else decides, the order of the reference codes does.

    How the money is shared
    All amounts are in dinars (RSD).
    5,000.00 dinars are set aside for the aid.
    Everybody whose application is approved gets the same amount, at most 300.00 dinars.
    Amounts are rounded down, to a multiple of 10.00 dinars.

    How the money is shared
    All amounts are in dinars (RSD).
    5,000.00 dinars are set aside for the aid.
    300.00 dinars each go to those with the highest mean score of the committee, in this order, while the money lasts.
    A mean score of at least 60.5 out of 100 is needed.
    Amounts are rounded down, to a multiple of 10.00 dinars.
    Whoever's application is approved but not reached by the money waits on the reserve list.
    Who comes first between equal applications
    What decides, in this order: living in a rented home; more children.
    Where nothing else decides, the order of the reference codes does.

    How the money is shared
    All amounts are in dinars (RSD).
    5,000.00 dinars are set aside for the aid.
    The amount depends on the income per member of the household. Higher amounts are given first, while the money lasts.
    Income per member up to 100.00 dinars: the aid is 300.00 dinars.
    A higher income per member: the aid is 200.00 dinars.
    Amounts are rounded down, to a multiple of 10.00 dinars.
    Whoever's application is approved but not reached by the money waits on the reserve list.
    Who comes first between equal applications
    What decides, in this order: living in a rented home; more children.
    Where nothing else decides, the order of the reference codes does.

    How the money is shared
    All amounts are in dinars (RSD).
    5,000.00 dinars are set aside for the aid.
    300.00 dinars each go to those whom a draw finds, while the money lasts.
    Every application has one ticket, and one more for each child.
    Amounts are rounded down, to a multiple of 10.00 dinars.
    Whoever's application is approved but not reached by the money waits on the reserve list.
    The number for the draw is put on public record after the voting, so that anybody can repeat the draw and check it.
    ");
}

/// Every place in the rules that holds a value.
fn leaves(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| leaves(value, &format!("{path}/{name}"), found));
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            items.iter().enumerate().for_each(|(at, value)| leaves(value, &format!("{path}/{at}"), found));
        }
        _ => found.push(path.to_owned()),
    }
}

/// Another value for the same key, by which the rules stay valid; some keys have only one.
fn other(path: &str, value: &Value) -> Option<Value> {
    let text = value.as_str().unwrap_or_default();
    Some(match path.rsplit('/').next().unwrap() {
        "currency" => return None,
        "method" => return None,
        "opens_at" => json!("2020-07-15T10:00:00+02:00"),
        "closes_at" => json!("2020-08-06T20:00:00+02:00"),
        "voting_closes_at" => json!("2020-10-15T18:01:00+02:00"),
        "reference_date" | "from" => json!("2020-03-01"),
        "until" => json!("2020-12-01"),
        "most_means_over" => json!("0.51"),
        "minimum_score" => json!("60.5001"),
        "payment_code" => json!("241"),
        "income_lost" => json!(if text == "all" { "most" } else { "all" }),
        "tickets" => json!("one"),
        "ties" => json!(["draw", "income_per_member_asc"]),
        "number" => json!(value.as_i64().unwrap() + 10),
        _ if value.is_boolean() => json!(!value.as_bool().unwrap()),
        _ if value.is_number() => json!(value.as_i64().unwrap() + 1),
        _ if text.ends_with(".00") => json!(format!("{}1", &text[..text.len() - 1])),
        _ => json!(format!("{text} drugo")),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever key is changed or left out, the text changes in every language that the key is written in.
    #[test]
    fn every_key_that_is_set_is_spoken_of(method in 0..5_usize, at in 0..200_usize, leave_out: bool, untitled: bool) {
        let mut whole = rules();
        whole["allocation"] = allocations()[method].clone();
        whole["categories"][1]["conditions"]["single_parent"] = json!(false);
        whole["categories"][1]["conditions"]["child_younger_than"] = json!(7);
        if untitled {
            whole["categories"][2].as_object_mut().unwrap().remove("title");
        }
        let mut places = Vec::new();
        leaves(&whole, "", &mut places);
        let path = &places[at % places.len()];
        let mut changed = whole.clone();
        let (parent, name) = path.rsplit_once('/').unwrap();
        if leave_out {
            changed.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
            let still: Result<Rules, _> = serde_json::from_value(changed.clone());
            prop_assume!(still.is_ok_and(|rules| rules.problems().is_empty()));
        } else if let Some(value) = other(path, whole.pointer(path).unwrap()) {
            *changed.pointer_mut(path).unwrap() = value;
        }
        prop_assume!(changed != whole);
        for language in Language::ALL {
            let is_english = *language == Language::English;
            let is_written = !path.contains("/title/") || path.ends_with("/en") == is_english;
            prop_assert!(!is_written || told(&changed, *language) != told(&whole, *language), "{language} {path}");
        }
    }
}

#[test]
fn no_sentence_is_empty_and_none_is_said_in_the_wrong_script() {
    for allocation in allocations() {
        let mut rules = rules();
        rules["allocation"] = allocation;
        for language in Language::ALL {
            let text = told(&rules, *language);
            assert!(text.lines().all(|line| line.len() > 5), "{text}");
            let foreign = |letter: char| letter.is_ascii_alphabetic() && *language == Language::SerbianCyrillic;
            let is_code = |word: &&str| !word.contains("RSD");
            assert!(!text.split_whitespace().filter(is_code).any(|word| word.chars().any(foreign)), "{text}");
        }
    }
}
