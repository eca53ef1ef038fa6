import Testing

@testable import SlackBot

@Suite("A lane of Socket Mode")
struct SocketLaneTests {
    private func lane(_ events: [SocketLane.Event]) -> (SocketLane, [SocketLane.Action]) {
        var lane = SocketLane()
        var last: [SocketLane.Action] = []
        for event in events { last = lane.handle(event, jitter: 0.5) }
        return (lane, last)
    }

    private let live: [SocketLane.Event] = [.start, .connected(1), .hello(1, lifetime: nil)]

    @Test("is live after hello, not after the connection")
    func hello() {
        #expect(lane([.start]).1 == [.open(1)])
        let (waiting, actions) = lane([.start, .connected(1)])
        #expect(waiting.liveID == nil)
        #expect(actions == [.schedule(.helloOverdue(1), SocketLane.helloDeadline)])
        #expect(lane(live).0.liveID == 1)
    }

    @Test("plans its own renewal from the announced lifetime")
    func renewal() {
        let (_, actions) = lane([.start, .connected(1), .hello(1, lifetime: 1_000)])
        #expect(actions.first == .live(1))
        guard case .schedule(.renew(1), let wait) = actions.last else {
            Issue.record("no renewal is planned")
            return
        }
        #expect((.seconds(800)...(.seconds(900))).contains(wait))
        #expect(lane(live + [.timer(.renew(1))]).1 == [.open(2)])
    }

    @Test("makes the new connection before the old goes", arguments: ["warning", "refresh_requested", "something_new"])
    func refresh(reason: String) {
        #expect(lane(live + [.disconnect(1, reason: reason)]).1 == [.open(2)])
        let events = live + [.disconnect(1, reason: reason), .connected(2), .hello(2, lifetime: nil)]
        let (lane, actions) = lane(events)
        #expect(lane.liveID == 2)
        #expect(actions == [.schedule(.drained(1), SocketLane.drainTime), .live(2)])
        #expect(self.lane(events + [.closed(1)]).1.isEmpty)
        #expect(self.lane(events + [.timer(.drained(1))]).1 == [.close(1)])
    }

    @Test("a second announcement of the same end opens no second replacement")
    func refreshTwice() {
        let events = live + [.disconnect(1, reason: "warning"), .disconnect(1, reason: "refresh_requested")]
        #expect(lane(events).1.isEmpty)
    }

    @Test("a replacement that fails is tried again while the old one still lives")
    func replacementFails() {
        let failure = SocketLane.Failure(code: "unreachable", isFatal: false, retryAfter: nil)
        let events = live + [.disconnect(1, reason: "warning"), .failed(2, failure), .timer(.retry)]
        #expect(lane(events).1 == [.open(3)])
    }

    @Test("lets the old go first when Slack counts too many, and backs off")
    func tooMany() {
        let (_, actions) = lane([.start, .connected(1), .disconnect(1, reason: "too_many_websockets")])
        #expect(actions.first == .close(1))
        #expect(actions.count == 2)
    }

    @Test("names what an operator must mend and tries again slowly")
    func fatal() {
        let failure = SocketLane.Failure(code: "invalid_auth", isFatal: true, retryAfter: nil)
        #expect(
            lane([.start, .failed(1, failure)]).1
                == [.report(code: "invalid_auth"), .schedule(.retry, SocketLane.slowRetry)])
        #expect(
            lane(live + [.disconnect(1, reason: "link_disabled")]).1
                == [.close(1), .report(code: "link_disabled"), .schedule(.retry, SocketLane.slowRetry)])
    }

    @Test("a connection that lived is replaced at once")
    func lost() {
        #expect(lane(live + [.closed(1)]).1 == [.open(2)])
    }

    @Test("failures wait longer each time, never more than half a minute, and never less than Slack asks")
    func backoff() {
        var lane = SocketLane()
        _ = lane.handle(.start, jitter: 1)
        var waits: [Duration] = []
        for id in 1...12 {
            let failure = SocketLane.Failure(code: "unreachable", isFatal: false, retryAfter: nil)
            for action in lane.handle(.failed(id, failure), jitter: 1) {
                if case .schedule(.retry, let wait) = action { waits.append(wait) }
            }
            _ = lane.handle(.timer(.retry), jitter: 1)
        }
        #expect(waits.count == 12)
        #expect(waits == waits.sorted())
        #expect(waits.last == .seconds(30))
        var asked = SocketLane()
        _ = asked.handle(.start, jitter: 0)
        let failure = SocketLane.Failure(code: "ratelimited", isFatal: false, retryAfter: .seconds(40))
        #expect(asked.handle(.failed(1, failure), jitter: 0) == [.schedule(.retry, .seconds(40))])
    }

    @Test("a hello that does not come ends the connection")
    func helloOverdue() {
        #expect(lane([.start, .connected(1), .timer(.helloOverdue(1))]).1 == [.close(1)])
        #expect(lane(live + [.timer(.helloOverdue(1))]).1.isEmpty)
    }

    @Test("after the stop nothing is opened, and what opens late is closed")
    func stop() {
        #expect(lane(live + [.stop]).1 == [.close(1)])
        #expect(lane([.start, .stop, .connected(1)]).1 == [.close(1)])
        #expect(lane(live + [.stop, .closed(1)]).1.isEmpty)
        #expect(lane(live + [.stop, .timer(.retry)]).1.isEmpty)
    }

    @Test("whatever happens in whatever order, a lane that is not stopped has a connection or means to get one")
    func neverDeaf() {
        for seed in 0..<400 {
            var random = LaneRandom(state: UInt64(seed))
            var lane = SocketLane()
            var open: Set<Int> = []
            var timers: Set<SocketLane.Timer> = []
            func take(_ actions: [SocketLane.Action]) {
                for action in actions {
                    switch action {
                    case .open(let id): open.insert(id)
                    case .schedule(let timer, _): timers.insert(timer)
                    case .close, .live, .report: break
                    }
                }
            }
            take(lane.handle(.start, jitter: 0.5))
            for _ in 0..<60 {
                let id = open.sorted().randomElement(using: &random) ?? 1
                let reasons = ["warning", "refresh_requested", "link_disabled", "too_many_websockets"]
                let event: SocketLane.Event
                switch Int.random(in: 0..<6, using: &random) {
                case 0: event = .connected(id)
                case 1: event = .hello(id, lifetime: 100)
                case 2: event = .closed(id)
                case 3: event = .failed(id, .init(code: "x", isFatal: Bool.random(using: &random), retryAfter: nil))
                case 4: event = .disconnect(id, reason: reasons.randomElement(using: &random) ?? "")
                default:
                    guard let timer = timers.randomElement(using: &random) else { continue }
                    timers.remove(timer)
                    event = .timer(timer)
                }
                if case .closed = event { open.remove(id) }
                if case .failed = event { open.remove(id) }
                take(lane.handle(event, jitter: 0.5))
                #expect(lane.liveID != nil || !open.isEmpty || timers.contains(.retry))
            }
        }
    }
}

/// Reproducible randomness for the walk above (SplitMix64).
private struct LaneRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
