import Bridge
import Testing

@Suite("Standstill")
struct StandstillTests {
    @Test("an alarm that rings a second late waits for a moment, once")
    func late() {
        var standstill = Standstill()
        let due = ContinuousClock.now
        #expect(standstill.grace(after: due, at: due + .seconds(1)) == nil)
        #expect(standstill.grace(after: due, at: due + .seconds(7)) == .milliseconds(500))
        #expect(standstill.grace(after: due, at: due + .seconds(9)) == nil)
        #expect(standstill.grace(after: due, at: due + .seconds(9)) == .milliseconds(500))
    }

    @Test("an alarm that rings in time, or that nobody set, counts")
    func inTime() {
        var standstill = Standstill()
        let due = ContinuousClock.now
        #expect(standstill.grace(after: due, at: due - .seconds(1)) == nil)
        #expect(standstill.grace(after: nil, at: due) == nil)
    }
}
