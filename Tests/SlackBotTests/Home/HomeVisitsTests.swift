import Testing

@testable import SlackBot

@Suite("Whose Home is published")
struct HomeVisitsTests {
    private let start = ContinuousClock.now
    private let ana = HomeVisitor(user: "U0ANA", team: "T0ACME", channel: "D0ANA")
    private let ben = HomeVisitor(user: "U0BEN", team: "T0ACME", channel: "D0BEN")

    @Test("a user who opens the Home twice before it is published gets one view, in order of the openings")
    func opened() {
        var visits = HomeVisits()
        for visitor in [ana, ben, ana] { visits.open(visitor, at: start) }
        #expect([visits.next(), visits.next(), visits.next()] == [ana, ben, nil])
        visits.open(ana, at: start)
        #expect(visits.next() == ana)
    }

    @Test("several questions that end at once lead to one refresh, only for users who opened the Home")
    func changed() {
        var visits = HomeVisits()
        visits.open(ana, at: start)
        #expect(visits.next() == ana)
        #expect(visits.change(of: "U0ANA", at: start) && visits.change(of: "U0ANA", at: start))
        #expect(!visits.change(of: "U0BEN", at: start))
        #expect(visits.next() == nil, "the refresh waits")
        #expect(visits.refreshNext())
        #expect(visits.next() == ana)
        #expect(!visits.refreshNext())
        #expect(visits.next() == nil)
    }

    @Test("an hour after its opening a Home is not refreshed any more, until it is opened again")
    func stale() {
        var visits = HomeVisits()
        visits.open(ana, at: start)
        _ = visits.next()
        #expect(visits.change(of: "U0ANA", at: start + .seconds(3_599)))
        #expect(visits.refreshNext() && visits.next() == ana)
        #expect(!visits.change(of: "U0ANA", at: start + .seconds(3_600)))
        #expect(!visits.refreshNext())
        visits.open(ana, at: start + .seconds(4_000))
        #expect(visits.next() == ana)
        #expect(visits.change(of: "U0ANA", at: start + .seconds(7_000)))
    }

    @Test("of very many users the one who opened the Home first is forgotten")
    func crowd() {
        var visits = HomeVisits()
        for number in 0...1_000 {
            let visitor = HomeVisitor(user: "U\(number)", team: "T0ACME", channel: "D\(number)")
            visits.open(visitor, at: start + .milliseconds(number))
        }
        #expect(visits.next()?.user == "U1")
        #expect(!visits.change(of: "U0", at: start + .seconds(2)))
        #expect(visits.change(of: "U1000", at: start + .seconds(2)))
    }
}
