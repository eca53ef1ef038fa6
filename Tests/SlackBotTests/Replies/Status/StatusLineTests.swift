import NIOConcurrencyHelpers
import TestKit
import Testing

@testable import SlackBot

@Suite("The status line under a thread")
struct StatusLineTests {
    private let start = StatusLine.Instant.now

    @Test("a text is sent at once, a changed one after the pace, the same one before Slack removes it")
    func texts() {
        var line = StatusLine()
        #expect(line.next(at: start) == .wait(until: nil))
        line.show("reads")
        #expect(line.next(at: start) == .set("reads"))
        line.handle(isShown: true)
        let again = start + StatusLine.refresh
        #expect(line.next(at: start) == .wait(until: again) && again < start + .seconds(120))
        line.show("asks")
        let second = start + StatusLine.pace
        #expect(line.next(at: start) == .wait(until: second))
        #expect(line.next(at: second) == .set("asks"))
        line.handle(isShown: true)
        #expect(line.next(at: second + StatusLine.refresh) == .set("asks"))
    }

    @Test("after a message of the reply nothing is sent but the end, once")
    func message() {
        var line = StatusLine()
        line.show("reads")
        #expect(line.next(at: start) == .set("reads"))
        line.handle(isShown: true)
        line.messagePosted()
        line.show("asks")
        #expect(line.next(at: start + .seconds(300)) == .wait(until: nil))
        line.end(isStreamed: false)
        #expect(line.next(at: start + .seconds(300)) == .set(""))
        line.handle(isShown: true)
        #expect(line.next(at: start + .seconds(300)) == .done)
    }

    @Test("the end of a stream stands for that of the line, unless a text may have reached Slack after the message")
    func stream() {
        for isLate in [false, true] {
            var line = StatusLine()
            line.show("reads")
            #expect(line.next(at: start) == .set("reads"))
            if isLate { line.messagePosted() }
            line.handle(isShown: true)
            if !isLate { line.messagePosted() }
            line.end(isStreamed: true)
            #expect(line.next(at: start) == (isLate ? .set("") : .done))
        }
    }

    @Test("what Slack did not take needs no end; what it was told while the work ended does")
    func refused() {
        for isShown in [false, true] {
            var line = StatusLine()
            line.show("reads")
            #expect(line.next(at: start) == .set("reads"))
            line.end(isStreamed: false)
            line.handle(isShown: isShown)
            #expect(line.next(at: start) == (isShown ? .set("") : .done))
        }
        var unseen = StatusLine()
        unseen.show("reads")
        unseen.end(isStreamed: false)
        #expect(unseen.next(at: start) == .done)
        var left = StatusLine.left
        #expect(left.next(at: start) == .set("") && left.next(at: start) == .done)
    }

    @Test("the newest text is sent after the pace, then the end, and nothing after it", .timeLimit(.minutes(1)))
    func kept() async throws {
        let status = ThreadStatus { _, _ in }
        let sent = NIOLockedValueBox<[String]>([])
        status.show("reads")
        async let end: Void = status.keep { text in
            sent.withLockedValue { $0.append(text) }
            if text == "reads" {
                status.show("asks")
                status.show("writes")
            }
            return true
        }
        try await eventually("the newest text is sent") { sent.withLockedValue { $0 } == ["reads", "writes"] }
        status.end(isStreamed: false)
        await end
        #expect(sent.withLockedValue { $0 } == ["reads", "writes", ""])
    }
}
