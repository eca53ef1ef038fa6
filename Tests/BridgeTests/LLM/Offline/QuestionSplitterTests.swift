import Testing

@testable import Bridge

@Suite("The steps of a question")
struct QuestionSplitterTests {
    @Test(
        "a question is split at sentence ends and at the word and",
        arguments: [
            ("a b", ["a b"]), ("a? b; c.", ["a", "b", "c"]), ("a and b", ["a", "b"]), ("a, and then b", ["a", "b"]),
            ("a AND b", ["a", "b"]), ("a\nb", ["a", "b"]), ("brand android", ["brand android"]), ("", []),
            ("? . ;", []),
        ])
    func split(text: String, steps: [String]) {
        #expect(QuestionSplitter.split(text) == steps)
    }

    @Test("there are at most three steps")
    func most() {
        #expect(QuestionSplitter.split("a. b. c. d. e") == ["a", "b", "c"])
    }

    @Test(
        "quoted text, versions, names with dots and apostrophes stay whole",
        arguments: [
            ("find \"a and b; c\" and d", ["find \"a and b; c\"", "d"]), ("find `a.b? c` now", ["find `a.b? c` now"]),
            ("compare v2.14.0 and x", ["compare v2.14.0", "x"]), ("read mail.example.org.", ["read mail.example.org"]),
            ("what's up; it's late", ["what's up", "it's late"]), ("a 5\" disk and b", ["a 5\" disk", "b"]),
        ])
    func whole(text: String, steps: [String]) {
        #expect(QuestionSplitter.split(text) == steps)
    }
}
