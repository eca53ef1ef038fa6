import Testing

@testable import SlackBot

@Suite("Pages of a list")
struct SlackPageTests {
    @Test("a cursor that repeats ends the list")
    func repeated() {
        let page = SlackPage(items: ["a"], cursor: "next")
        #expect(page.next(after: nil) == "next")
        #expect(page.next(after: "before") == "next")
        #expect(page.next(after: "next") == nil)
        #expect(SlackPage(items: ["a"], cursor: nil).next(after: nil) == nil)
        #expect(SlackPage(items: ["a"], cursor: nil).next(after: "before") == nil)
    }
}
