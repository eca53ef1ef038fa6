import Testing

@testable import SlackBot

@Suite("The title of a session")
struct SessionTitleTests {
    @Test("a short question is its own title, in one line; one without words has none")
    func short() {
        #expect(SessionTitle.text("why is\n checkout   slow?") == "why is checkout slow?")
        #expect(SessionTitle.text(" \n ") == nil)
        let most = String(repeating: "abcde ", count: 9) + "abcdef"
        #expect(most.count == 60 && SessionTitle.text(most) == most)
    }

    @Test("a long question is cut after a word, and a long word anywhere, to 60 characters at most")
    func long() {
        let words = String(repeating: "abcd ", count: 30)
        let cut = SessionTitle.text(words)
        #expect(cut == String(repeating: "abcd ", count: 11) + "abcd…")
        #expect(cut?.count == 60)
        let word = SessionTitle.text(String(repeating: "x", count: 70) + " y")
        #expect(word == String(repeating: "x", count: 59) + "…")
    }
}
