import Analytics
import Foundation
import Testing

@testable import SlackBot

@Suite("Which digest is worked on")
struct PendingDigestTests {
    private static let nine = makeSchedule("09:00")
    private static let ten = makeSchedule("10:00")

    private static func makeSchedule(_ at: String) -> DigestSchedule {
        DigestSchedule(
            at: DigestSettings.TimeOfDay(at) ?? .nine, days: Set(DigestSettings.Weekday.allCases), timeZone: .gmt)
    }

    /// A time on 2026-11-23; hours from 24 on are on the next days.
    private static func time(_ hour: Int, _ minute: Int = 0) -> Date {
        (Timestamp.date("2026-11-23T00:00:00.000Z") ?? Date()).addingTimeInterval(Double(hour * 60 + minute) * 60)
    }

    @Test("it is sent when it is due, and asked for until it is settled")
    func due() {
        var pending = PendingDigest(start: Self.time(8))
        #expect(pending.step(at: Self.time(8, 59), Self.nine) == .wait)
        #expect(pending.step(at: Self.time(9), Self.nine) == .send(Self.time(9)))
        #expect(pending.step(at: Self.time(9, 1), Self.nine) == .send(Self.time(9)))
        pending.settle()
        #expect(pending.step(at: Self.time(9, 2), Self.nine) == .wait)
        #expect(pending.step(at: Self.time(33), Self.nine) == .send(Self.time(33)))
    }

    @Test("what was due while no process ran is sent up to six hours later")
    func late() {
        var pending = PendingDigest(start: Self.time(14, 59))
        #expect(pending.step(at: Self.time(14, 59), Self.nine) == .send(Self.time(9)))
        var later = PendingDigest(start: Self.time(15, 1))
        #expect(later.step(at: Self.time(15, 1), Self.nine) == .wait)
        #expect(later.step(at: Self.time(33), Self.nine) == .send(Self.time(33)))
    }

    @Test("after six hours it is given up, once")
    func givenUp() {
        var pending = PendingDigest(start: Self.time(9))
        #expect(pending.step(at: Self.time(9), Self.nine) == .send(Self.time(9)))
        #expect(pending.step(at: Self.time(15), Self.nine) == .send(Self.time(9)))
        #expect(pending.step(at: Self.time(15, 1), Self.nine) == .giveUp(Self.time(9)))
        #expect(pending.step(at: Self.time(15, 2), Self.nine) == .wait)
    }

    @Test("a process that was stopped for days gives the old one up and sends the one that is due")
    func stopped() {
        var pending = PendingDigest(start: Self.time(9))
        #expect(pending.step(at: Self.time(9), Self.nine) == .send(Self.time(9)))
        #expect(pending.step(at: Self.time(58), Self.nine) == .giveUp(Self.time(9)))
        #expect(pending.step(at: Self.time(58), Self.nine) == .send(Self.time(57)))
    }

    @Test("a schedule that comes into force posts nothing for the time before it")
    func reload() {
        var pending = PendingDigest(start: Self.time(8, 30))
        #expect(pending.step(at: Self.time(8, 30), nil) == .wait)
        #expect(pending.step(at: Self.time(9, 30), Self.nine) == .wait)
        #expect(pending.step(at: Self.time(9, 31), Self.ten) == .wait)
        #expect(pending.step(at: Self.time(10), Self.ten) == .send(Self.time(10)))
        #expect(pending.step(at: Self.time(10, 1), nil) == .wait)
        #expect(pending.step(at: Self.time(10, 2), Self.ten) == .wait)
        #expect(pending.step(at: Self.time(34), Self.ten) == .send(Self.time(34)))
    }

    @Test("the same schedule after a reload of other keys goes on with the digest under way")
    func sameSchedule() {
        var pending = PendingDigest(start: Self.time(9))
        #expect(pending.step(at: Self.time(9), Self.nine) == .send(Self.time(9)))
        #expect(pending.step(at: Self.time(9, 5), Self.makeSchedule("9:00")) == .send(Self.time(9)))
    }

    @Test("a clock that is set back sends nothing twice")
    func setBack() {
        var pending = PendingDigest(start: Self.time(9))
        #expect(pending.step(at: Self.time(9, 10), Self.nine) == .send(Self.time(9)))
        pending.settle()
        #expect(pending.step(at: Self.time(8, 50), Self.nine) == .wait)
        #expect(pending.step(at: Self.time(9), Self.nine) == .wait)
    }
}
