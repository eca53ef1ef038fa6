import Testing

@testable import SlackBot

@Suite("The nearest known name")
struct SpellingSuggestionTests {
    @Test(
        "changes are counted, a swap of neighbours as one",
        arguments: [
            ("abc", "abc", 0), ("abc", "abd", 1), ("abc", "acb", 1), ("", "ab", 2), ("mode", "modle", 1),
            ("ABC", "abc", 0),
        ])
    func distance(_ left: String, _ right: String, _ expected: Int) {
        #expect(SpellingSuggestion.distance(left, right) == expected)
        #expect(SpellingSuggestion.distance(right, left) == expected)
    }

    @Test("a similar name is suggested, a different one is not")
    func nearest() {
        let names = ["max_tokens", "max_retries", "model"]
        #expect(SpellingSuggestion.of("max_tokns", among: names) == "max_tokens")
        #expect(SpellingSuggestion.of("modle", among: names) == "model")
        #expect(SpellingSuggestion.of("zebra", among: names) == nil)
    }
}
