/// What the offline model looks at for a question about the cause of a problem, such as "why is checkout slow?": the
/// health of what is named, then what usually explains it. Which tools fit is left to the search for each step.
enum Diagnosis {
    /// Words that make a question with "why" one about a problem, as stems.
    private static let problems = Set(
        [
            "slow", "slower", "sluggish", "failing", "fails", "failed", "down", "broken", "unavailable", "unhealthy",
            "degraded", "erroring", "errors", "timing", "timeouts", "stuck", "hanging",
        ].map(SearchTerms.stem))

    /// The steps in their order; nil for a question of another kind.
    static func steps(for question: String) -> [String]? {
        let words = SearchTerms.words(question)
        guard let start = words.firstIndex(of: "why"),
            let problem = words[start...].firstIndex(where: { problems.contains(SearchTerms.stem($0)) })
        else { return nil }
        let subject = SearchTerms.of(words[(start + 1)..<problem].joined(separator: " ")).joined(separator: " ")
        guard !subject.isEmpty else { return nil }
        return [
            "service health of \(subject)", "open incidents", "deploys of the last 24 hours",
            "top queries by mean time",
        ]
    }
}
