//! A device in two words, so that its owner recognises it: “Firefox, Android”.

/// Names browser and system from a User-Agent header. Anything else in it is not kept.
pub fn device(user_agent: Option<&str>) -> String {
    let agent = user_agent.unwrap_or_default();
    // The order matters: every browser also names those that it wants to be taken for.
    let browsers =
        [("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari")];
    let systems = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ];
    let named =
        |names: &[(&str, &'static str)]| names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    match (named(&browsers), named(&systems)) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "?".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_words_and_nothing_else() {
        let firefox = "Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0";
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0";
        assert_eq!(device(Some(firefox)), "Firefox, Android");
        assert_eq!(device(Some(edge)), "Edge, Windows");
        assert_eq!(device(Some("my name is Ana")), "?");
        assert_eq!(device(None), "?");
    }
}
