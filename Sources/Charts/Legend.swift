/// Which colour is which series: rows of names above the plot.
struct Legend {
    struct Entry: Hashable {
        /// The index of the series; nil for the note that there are more.
        let series: Int?
        let text: String
        /// The left end of the mark; of a note, that of its text.
        let x: Double
        /// From 0.
        let row: Int
    }

    let entries: [Entry]
    let rows: Int

    /// The size of a mark and the space after it, as a part of the font's size.
    static let mark = 0.7
    static let space = 0.35

    /// At most two rows; what does not fit is counted ("+3 more"). Empty for fewer than two names.
    ///
    /// - Parameter measure: The width of a text.
    init(_ names: [String], left: Double, right: Double, fontSize: Double, measure: (String) -> Double) {
        guard names.count > 1 else {
            (entries, rows) = ([], 0)
            return
        }
        let lead = fontSize * (Self.mark + Self.space)
        let gap = fontSize * 1.2
        let note = { (count: Int) in "+\(count) more" }
        let noteWidth = measure(note(names.count))
        var entries: [Entry] = []
        var (x, row) = (left, 0)
        for (index, name) in names.enumerated() {
            let text = ShortText.fitting(ShortText.line(name), width: (right - left) * 0.3, measure: measure)
            let width = lead + measure(text)
            // The last row keeps space for the note, as long as one may be needed.
            let isLast = index == names.count - 1
            let needed = { (row: Int) in row == 1 && !isLast ? width + gap + noteWidth : width }
            if x > left, x + needed(row) > right, row == 0 { (x, row) = (left, 1) }
            if x > left, x + needed(row) > right {
                entries.append(Entry(series: nil, text: note(names.count - index), x: x, row: row))
                break
            }
            entries.append(Entry(series: index, text: text, x: x, row: row))
            x += width + gap
        }
        self.entries = entries
        rows = row + 1
    }
}
