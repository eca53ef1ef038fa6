import Testing

@testable import SlackBot

@Suite("Whose Home is published")
struct HomeVisitsTests {
    private let start = ContinuousClock.now
    private let ana = HomeVisitor(user: "U0ANA", team: "T0ACME", channel: "D0ANA")
    private let ben = HomeVisitor(user: "U0BEN", team: "T0ACME", channel: "D0BEN")

    /// The users whose views are published now, in order.
    private func published(_ visits: inout HomeVisits) -> [HomeVisitor] {
        var published: [HomeVisitor] = []
        while let visitor = visits.next() { published.append(visitor) }
        return published
    }

    @Test("a user who opens the Home twice before it is published gets one view, in order of the openings")
    func opened() {
        var visits = HomeVisits()
        for visitor in [ana, ben, ana] { visits.open(visitor, at: start) }
        let first = published(&visits)
        #expect(first == [ana, ben])
        visits.open(ana, at: start)
        let second = published(&visits)
        #expect(second == [ana])
    }

    @Test("several questions that end at once lead to one refresh, only for users who opened the Home")
    func changed() {
        var visits = HomeVisits()
        visits.open(ana, at: start)
        _ = published(&visits)
        let isRefreshed = ["U0ANA", "U0ANA", "U0BEN"].map { visits.change(of: $0, at: start) }
        #expect(isRefreshed == [true, true, false])
        let before = published(&visits)
        #expect(before.isEmpty, "the refresh waits")
        let refreshes = [visits.refreshNext(), visits.refreshNext()]
        #expect(refreshes == [true, false])
        let after = published(&visits)
        #expect(after == [ana])
    }

    @Test("an hour after its opening a Home is not refreshed any more, until it is opened again")
    func stale() {
        var visits = HomeVisits()
        visits.open(ana, at: start)
        let isRefreshed = [3_599, 3_600, 3_601].map { visits.change(of: "U0ANA", at: start + .seconds($0)) }
        #expect(isRefreshed == [true, false, false])
        visits.open(ana, at: start + .seconds(4_000))
        let isRefreshedAgain = visits.change(of: "U0ANA", at: start + .seconds(7_000))
        #expect(isRefreshedAgain)
    }

    @Test("of very many users the one who opened the Home first is forgotten")
    func crowd() {
        var visits = HomeVisits()
        for number in 0...1_000 {
            let visitor = HomeVisitor(user: "U\(number)", team: "T0ACME", channel: "D\(number)")
            visits.open(visitor, at: start + .milliseconds(number))
        }
        let shown = published(&visits)
        #expect(shown.count == 1_000 && shown.first?.user == "U1")
        let isRefreshed = ["U0", "U1000"].map { visits.change(of: $0, at: start + .seconds(2)) }
        #expect(isRefreshed == [false, true])
    }
}
