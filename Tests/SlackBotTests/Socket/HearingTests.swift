import Foundation
import Testing

@testable import SlackBot

@Suite("Whether anybody hears")
struct HearingTests {
    private func at(_ seconds: Double) -> Date { Date(timeIntervalSince1970: 1_000 + seconds) }

    @Test("the first live lane begins it; while one hears there is no gap")
    func begins() {
        var hearing = Hearing()
        #expect(hearing.isLive(0, at: at(0)) == .began)
        #expect(hearing.isLive(1, at: at(1)) == nil)
        hearing.isLost(0, proven: at(2))
        #expect(hearing.isLive(0, at: at(3)) == nil)
        #expect(hearing.live == [0, 1])
    }

    @Test("a gap is from the last proof of the last lane until the next one is live")
    func gap() {
        var hearing = Hearing()
        _ = hearing.isLive(0, at: at(0))
        _ = hearing.isLive(1, at: at(0))
        hearing.isLost(0, proven: at(5))
        hearing.isLost(1, proven: at(8))
        hearing.isLost(1, proven: at(9))
        #expect(hearing.isLive(1, at: at(20)) == .missed(Gap(since: at(8), until: at(20))))
        #expect(hearing.isLive(0, at: at(21)) == nil)
    }

    @Test("a lane that was lost before anybody heard makes no gap")
    func neverHeard() {
        var hearing = Hearing()
        hearing.isLost(0, proven: at(1))
        #expect(hearing.wasSilent(since: at(0), at: at(2)) == nil)
        #expect(hearing.isLive(0, at: at(3)) == .began)
    }

    @Test("a connection that was silent is a gap although another one hears")
    func silent() {
        var hearing = Hearing()
        _ = hearing.isLive(0, at: at(0))
        _ = hearing.isLive(1, at: at(0))
        hearing.isLost(0, proven: at(10))
        #expect(hearing.wasSilent(since: at(10), at: at(35)) == .missed(Gap(since: at(10), until: at(35))))
    }

    @Test("the silence of the last connection lengthens the gap")
    func lastSilent() {
        var hearing = Hearing()
        _ = hearing.isLive(0, at: at(0))
        hearing.isLost(0, proven: at(30))
        #expect(hearing.wasSilent(since: at(10), at: at(35)) == nil)
        #expect(hearing.isLive(0, at: at(40)) == .missed(Gap(since: at(10), until: at(40))))
    }

    @Test("gaps join, and none has a negative length")
    func join() {
        let first = Gap(since: at(5), until: at(10))
        #expect(first.joined(with: Gap(since: at(1), until: at(7))) == Gap(since: at(1), until: at(10)))
        #expect(first.length == .seconds(5))
        #expect(Gap(since: at(2), until: at(1)).length == .zero)
    }

    @Test("however lanes come and go, every time without one is in exactly one gap")
    func walk() {
        for seed in 0..<300 {
            var random = SeededRandom(state: UInt64(seed))
            var hearing = Hearing()
            var live: Set<Int> = []
            var deaf: Double?
            var hasBegun = false
            for step in 0..<80 {
                let now = Double(step)
                let lane = Int.random(in: 0..<3, using: &random)
                if Bool.random(using: &random) {
                    let change = hearing.isLive(lane, at: at(now))
                    live.insert(lane)
                    if !hasBegun {
                        #expect(change == .began)
                        hasBegun = true
                    } else if let since = deaf {
                        #expect(change == .missed(Gap(since: at(since), until: at(now))))
                    } else {
                        #expect(change == nil)
                    }
                    deaf = nil
                } else {
                    hearing.isLost(lane, proven: at(now))
                    if live.remove(lane) != nil, live.isEmpty { deaf = now }
                }
                #expect(hearing.live == live)
            }
        }
    }
}

@Suite("Which lanes there are")
struct LanePlanTests {
    @Test("lanes begin with new numbers and end from the newest, those without a connection first")
    func plan() {
        var plan = LanePlan()
        #expect(plan.want(2, live: []) == [.begin(0), .begin(1)])
        #expect(plan.want(2, live: [0, 1]) == [])
        #expect(plan.want(1, live: [1]) == [.end(0)])
        #expect(plan.want(3, live: [1]) == [.begin(2), .begin(3)])
        #expect(plan.want(1, live: [1, 2, 3]) == [.end(3), .end(2)])
        #expect(plan.want(0, live: [1]) == [.end(1)])
        #expect(plan.want(-1, live: []) == [])
        #expect(plan.lanes.isEmpty)
    }

    @Test("two connections a process, one where there are more than four", arguments: [0, 1, 4, 5, 9])
    func quota(processes: Int) {
        let quota = SocketQuota(processes: processes)
        #expect(quota.perProcess == (processes > 4 ? 1 : 2))
        #expect(quota.total == [0: 2, 1: 2, 4: 8, 5: 5, 9: 9][processes])
    }
}

@Suite("Ghosts")
struct GhostWatchTests {
    private let patience = GhostWatch().patience

    @Test("a surplus must last before it is one, and is said once")
    func appears() {
        var watch = GhostWatch()
        #expect(watch.counted(3, expected: 2, at: .zero) == nil)
        #expect(watch.ghosts == 0)
        #expect(watch.wantsCount(at: .seconds(59)) == false)
        #expect(watch.wantsCount(at: patience) == true)
        #expect(watch.wantsCount(at: patience) == false)
        #expect(watch.counted(4, expected: 3, at: patience) == .appeared(1))
        #expect(watch.ghosts == 1)
        #expect(watch.counted(5, expected: 3, at: patience + .seconds(1)) == nil)
        #expect(watch.ghosts == 2)
    }

    @Test("while there are ghosts Slack counts again now and then, until they are gone")
    func vanishes() {
        var watch = GhostWatch()
        _ = watch.counted(3, expected: 2, at: .zero)
        _ = watch.counted(3, expected: 2, at: patience)
        #expect(watch.wantsCount(at: patience + patience) == false)
        #expect(watch.wantsCount(at: patience + watch.pause) == true)
        #expect(watch.counted(3, expected: 3, at: .seconds(400)) == .vanished)
        #expect(watch.ghosts == 0)
        #expect(watch.wantsCount(at: .seconds(10_000)) == false)
    }

    @Test("a surplus that goes by itself is nothing")
    func replaced() {
        var watch = GhostWatch()
        _ = watch.counted(3, expected: 2, at: .zero)
        #expect(watch.counted(2, expected: 2, at: .seconds(30)) == nil)
        #expect(watch.counted(3, expected: 2, at: .seconds(80)) == nil)
        #expect(watch.ghosts == 0)
    }
}

@Suite("The flow of events")
struct EventFlowTests {
    @Test("before the first event there is no age")
    func nothing() {
        #expect(EventFlow().figure(at: .seconds(100)) == EventFlow.Figure())
    }

    @Test("counts all, those of five minutes, repeats and late acknowledgements")
    func counts() {
        var flow = EventFlow()
        flow.heard(isRedelivery: false, at: .seconds(10))
        flow.heard(isRedelivery: true, at: .seconds(12))
        flow.acknowledged(after: .milliseconds(900))
        flow.acknowledged(after: .milliseconds(1_100))
        var figure = flow.figure(at: .seconds(15))
        #expect(figure.total == 2 && figure.recent == 2 && figure.age == .seconds(3))
        #expect(figure.redelivered == 1 && figure.late == 1)
        figure = flow.figure(at: .seconds(400))
        #expect(figure.total == 2 && figure.recent == 0 && figure.age == .seconds(388))
    }

    @Test("the five minutes slide, to five seconds, however events come")
    func slides() {
        var random = SeededRandom(state: 7)
        var flow = EventFlow()
        var times: [Int] = []
        var now = 0
        for _ in 0..<3_000 {
            now += Int.random(in: 0..<4, using: &random) == 0 ? Int.random(in: 0..<40, using: &random) : 0
            flow.heard(isRedelivery: false, at: .seconds(now))
            times.append(now)
            let recent = flow.figure(at: .seconds(now)).recent
            #expect(recent >= times.count { $0 > now - 295 })
            #expect(recent <= times.count { $0 > now - 300 })
        }
    }
}

@Suite("How Slack is heard, in words")
struct HearingWordsTests {
    @Test("the age of the last event is said, and nothing is judged")
    func words() {
        var state = SocketHealth.State()
        state.wanted = 2
        state.wantedTotal = 2
        state.live = [0, 1]
        #expect(Speech.hearing(state, uptime: .seconds(240)).last == "Events: none since the start 4 minutes ago")
        state.events = EventFlow.Figure(total: 40, recent: 12, age: .seconds(3))
        #expect(
            Speech.hearing(state, uptime: .seconds(240)) == [
                "Slack: 2 of 2 connections", "12 events in 5 min, last one 3 s ago",
            ])
        state.events = EventFlow.Figure(total: 40, recent: 0, age: .seconds(3 * 3600))
        #expect(Speech.hearing(state, uptime: .seconds(9_000)).last == "0 events in 5 min, last one 3 hours ago")
        state.wantedTotal = 4
        state.reported = 6
        state.ghosts = 2
        let lines = Speech.hearing(state, uptime: .seconds(240))
        #expect(lines[0] == "Slack: 2 of 2 connections, 4 wanted by all processes")
        #expect(lines[1].contains("counts 6 connections of this app where 4 are wanted"))
    }

    @Test("health tells the same in numbers")
    func json() {
        var state = SocketHealth.State()
        state.wanted = 2
        state.events = EventFlow.Figure(total: 4, recent: 2, age: .seconds(61), redelivered: 1, late: 1)
        #expect(state.json["events"]?["total"] == 4)
        #expect(state.json["events"]?["last_5_minutes"] == 2)
        #expect(state.json["events"]?["seconds_since_last"] == 61)
        #expect(state.json["events"]?["redelivered"] == 1)
        #expect(state.json["events"]?["acknowledged_late"] == 1)
        #expect(state.json["reported"] == nil)
    }
}

/// Reproducible randomness (SplitMix64).
private struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
