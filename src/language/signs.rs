//! Signs that nobody sees, and those that turn around what stands beside them: in a name they are slips, or worse.

/// Whether a sign has no width or turns the direction of writing (Unicode: `Default_Ignorable_Code_Point` and
/// `Bidi_Control`, lines and paragraphs; without the marks behind a letter or picture that choose how it looks).
pub fn is_hidden(sign: char) -> bool {
    matches!(
        sign,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}
