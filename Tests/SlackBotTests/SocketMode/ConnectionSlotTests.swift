import TestKit
import Testing

@testable import SlackBot

@Suite("A connection slot")
struct ConnectionSlotTests {
    private func slot(_ events: [ConnectionSlot.Event]) -> (ConnectionSlot, [ConnectionSlot.Action]) {
        var slot = ConnectionSlot()
        var last: [ConnectionSlot.Action] = []
        for event in events { last = slot.handle(event, jitter: 0.5) }
        return (slot, last)
    }

    private let live: [ConnectionSlot.Event] = [.start, .connected(1), .hello(1, lifetime: nil)]

    @Test("is live after hello, not after the connection opens")
    func hello() {
        #expect(slot([.start]).1 == [.open(1)])
        let (waiting, actions) = slot([.start, .connected(1)])
        #expect(waiting.liveID == nil)
        #expect(actions == [.schedule(.helloOverdue(1), ConnectionSlot.helloDeadline)])
        #expect(slot(live).0.liveID == 1)
    }

    @Test("plans its own refresh from the announced lifetime")
    func renewal() {
        let (_, actions) = slot([.start, .connected(1), .hello(1, lifetime: 1_000)])
        #expect(actions.first == .live(1))
        guard case .schedule(.renew(1), let wait) = actions.last else {
            Issue.record("no renewal is planned")
            return
        }
        #expect((.seconds(800)...(.seconds(900))).contains(wait))
        #expect(slot(live + [.timer(.renew(1))]).1 == [.open(2)])
    }

    @Test("opens the new connection before the old ends", arguments: ["warning", "refresh_requested", "something_new"])
    func refresh(reason: String) {
        #expect(slot(live + [.disconnect(1, reason: reason)]).1 == [.open(2)])
        let events = live + [.disconnect(1, reason: reason), .connected(2), .hello(2, lifetime: nil)]
        let (slot, actions) = slot(events)
        #expect(slot.liveID == 2)
        #expect(actions == [.schedule(.drained(1), ConnectionSlot.drainTime), .live(2)])
        #expect(self.slot(events + [.closed(1)]).1.isEmpty)
        #expect(self.slot(events + [.timer(.drained(1))]).1 == [.close(1)])
    }

    @Test("a second announcement of the same disconnect opens no second replacement")
    func refreshTwice() {
        let events = live + [.disconnect(1, reason: "warning"), .disconnect(1, reason: "refresh_requested")]
        #expect(slot(events).1.isEmpty)
    }

    @Test("a replacement that fails is tried again while the old connection is still live")
    func replacementFails() {
        let failure = ConnectionSlot.Failure(code: "unreachable", isFatal: false, retryAfter: nil)
        let events = live + [.disconnect(1, reason: "warning"), .failed(2, failure), .timer(.retry)]
        #expect(slot(events).1 == [.open(3)])
    }

    @Test("closes the old connection first when Slack counts too many, and backs off")
    func tooMany() {
        let (_, actions) = slot([.start, .connected(1), .disconnect(1, reason: "too_many_websockets")])
        #expect(actions.first == .close(1))
        #expect(actions.count == 2)
    }

    @Test("reports what an operator must correct, and tries again slowly")
    func fatal() {
        let failure = ConnectionSlot.Failure(code: "invalid_auth", isFatal: true, retryAfter: nil)
        #expect(
            slot([.start, .failed(1, failure)]).1
                == [.report(code: "invalid_auth"), .schedule(.retry, ConnectionSlot.slowRetry)])
        #expect(
            slot(live + [.disconnect(1, reason: "link_disabled")]).1
                == [.close(1), .report(code: "link_disabled"), .schedule(.retry, ConnectionSlot.slowRetry)])
    }

    @Test("a lost connection that was live is replaced at once")
    func lost() {
        #expect(slot(live + [.closed(1)]).1 == [.open(2)])
    }

    @Test("delays grow with each failure, to at most half a minute, and are at least what Slack asks for")
    func backoff() {
        var slot = ConnectionSlot()
        _ = slot.handle(.start, jitter: 1)
        var waits: [Duration] = []
        for id in 1...12 {
            let failure = ConnectionSlot.Failure(code: "unreachable", isFatal: false, retryAfter: nil)
            for action in slot.handle(.failed(id, failure), jitter: 1) {
                if case .schedule(.retry, let wait) = action { waits.append(wait) }
            }
            _ = slot.handle(.timer(.retry), jitter: 1)
        }
        #expect(waits.count == 12)
        #expect(waits == waits.sorted())
        #expect(waits.last == .seconds(30))
        var asked = ConnectionSlot()
        _ = asked.handle(.start, jitter: 0)
        let failure = ConnectionSlot.Failure(code: "ratelimited", isFatal: false, retryAfter: .seconds(40))
        #expect(asked.handle(.failed(1, failure), jitter: 0) == [.schedule(.retry, .seconds(40))])
    }

    @Test("a connection without hello in time is closed")
    func helloOverdue() {
        #expect(slot([.start, .connected(1), .timer(.helloOverdue(1))]).1 == [.close(1)])
        #expect(slot(live + [.timer(.helloOverdue(1))]).1.isEmpty)
    }

    @Test("after the stop nothing is opened, and what opens late is closed")
    func stop() {
        #expect(slot(live + [.stop]).1 == [.close(1)])
        #expect(slot([.start, .stop, .connected(1)]).1 == [.close(1)])
        #expect(slot(live + [.stop, .closed(1)]).1.isEmpty)
        #expect(slot(live + [.stop, .timer(.retry)]).1.isEmpty)
    }

    @Test("after any sequence of events a slot that is not stopped has a connection or a plan to open one")
    func neverDeaf() {
        for seed in 0..<400 {
            var random = SplitMix64(seed: UInt64(seed))
            var slot = ConnectionSlot()
            var open: Set<Int> = []
            // In the order of their arrival, as that of a set differs between runs.
            var timers: [ConnectionSlot.Timer] = []
            func take(_ actions: [ConnectionSlot.Action]) {
                for action in actions {
                    switch action {
                    case .open(let id): open.insert(id)
                    case .schedule(let timer, _): if !timers.contains(timer) { timers.append(timer) }
                    case .close, .live, .report: break
                    }
                }
            }
            take(slot.handle(.start, jitter: 0.5))
            for _ in 0..<60 {
                let id = open.sorted().randomElement(using: &random) ?? 1
                let reasons = ["warning", "refresh_requested", "link_disabled", "too_many_websockets"]
                let event: ConnectionSlot.Event
                switch Int.random(in: 0..<6, using: &random) {
                case 0: event = .connected(id)
                case 1: event = .hello(id, lifetime: 100)
                case 2: event = .closed(id)
                case 3: event = .failed(id, .init(code: "x", isFatal: Bool.random(using: &random), retryAfter: nil))
                case 4: event = .disconnect(id, reason: reasons.randomElement(using: &random) ?? "")
                default:
                    guard let timer = timers.randomElement(using: &random) else { continue }
                    timers.removeAll { $0 == timer }
                    event = .timer(timer)
                }
                if case .closed = event { open.remove(id) }
                if case .failed = event { open.remove(id) }
                take(slot.handle(event, jitter: 0.5))
                #expect(slot.liveID != nil || !open.isEmpty || timers.contains(.retry), "seed \(seed)")
            }
        }
    }
}
