/// Makes text short enough to be drawn on one line.
enum ShortText {
    /// The text without line breaks and other control characters, at most 120 code points: a text may be long, and its
    /// width is measured many times.
    static func line(_ text: String) -> String {
        var line = String.UnicodeScalarView()
        var isCut = false
        for scalar in text.unicodeScalars {
            if line.count == 120 {
                isCut = true
                break
            }
            // Controls, and the two separators of lines and paragraphs.
            let isControl = scalar.properties.generalCategory == .control || (0x2028...0x2029).contains(scalar.value)
            line.append(isControl ? " " : scalar)
        }
        return String(line) + (isCut ? "…" : "")
    }

    /// The text, or as much of its beginning as fits with an ellipsis; empty if not even that fits.
    static func fitting(_ text: String, width: Double, measure: (String) -> Double) -> String {
        guard measure(text) > width else { return text }
        let characters = Array(text)
        // Binary search: `low` characters fit, `high` do not.
        var (low, high) = (0, characters.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if measure(shortened(characters, middle)) <= width { low = middle } else { high = middle }
        }
        return low == 0 ? "" : shortened(characters, low)
    }

    private static func shortened(_ characters: [Character], _ count: Int) -> String {
        var kept = characters.prefix(count)
        while kept.last == " " { kept.removeLast() }
        return String(kept) + "…"
    }
}
