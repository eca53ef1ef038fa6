/// Sentences that several reports add to their figures.
enum ReportNotes {
    /// That figures of cost are incomplete; empty if they are not.
    static func unpriced(_ figures: UsageFigures, before: UsageFigures? = nil) -> [String] {
        var notes: [String] = []
        if figures.unpriced > 0 { notes.append("\(sentence(figures.unpriced)).") }
        if let before, before.unpriced > 0 { notes.append("Of the period before, \(sentence(before.unpriced)).") }
        return notes
    }

    private static func sentence(_ number: Int64) -> String {
        let questions = ReportFormat.count(number, "question", "questions")
        return "\(questions) used a model without a known price; \(number == 1 ? "its" : "their") cost is not included"
    }

    /// That the limit left rows out; empty if it did not.
    static func more(_ isCut: Bool, shown: Int) -> [String] {
        isCut ? ["There are more than these \(shown); a higher limit or a shorter period shows others."] : []
    }
}
