import Foundation
import Testing

@testable import SlackBot

@Suite("Which connection slots there are")
struct ConnectionSlotPlanTests {
    @Test("slots begin with new numbers and end from the newest, those without a connection first")
    func plan() {
        var plan = ConnectionSlotPlan()
        #expect(plan.want(2, live: []) == [.begin(0), .begin(1)])
        #expect(plan.want(2, live: [0, 1]) == [])
        #expect(plan.want(1, live: [1]) == [.end(0)])
        #expect(plan.want(3, live: [1]) == [.begin(2), .begin(3)])
        #expect(plan.want(1, live: [1, 2, 3]) == [.end(3), .end(2)])
        #expect(plan.want(0, live: [1]) == [.end(1)])
        #expect(plan.want(-1, live: []) == [])
        #expect(plan.slots.isEmpty)
    }

    @Test("two connections for each process, one when there are more than four processes", arguments: [0, 1, 4, 5, 9])
    func quota(processes: Int) {
        let quota = ConnectionQuota(processes: processes)
        #expect(quota.perProcess == (processes > 4 ? 1 : 2))
        #expect(quota.total == [0: 2, 1: 2, 4: 8, 5: 5, 9: 9][processes])
    }
}
