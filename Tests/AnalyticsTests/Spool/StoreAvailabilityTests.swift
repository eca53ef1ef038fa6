import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("The availability of the store")
struct StoreAvailabilityTests {
    @Test("one failure makes the store unavailable, and only the first is reported")
    func away() {
        var store = StoreAvailability()
        #expect(!store.isAway)
        let first = Date(timeIntervalSince1970: 1)
        let news = [first, first.addingTimeInterval(1)].map { store.failed("refused at \($0)", at: $0) }
        #expect(news == [true, false])
        #expect(store.isAway && store.since == first && store.reason == "refused at \(first)")
    }

    @Test("two successful probes in a row end an outage, and a failure between them starts the count again")
    func back() {
        var store = StoreAvailability()
        var isBack = store.answered()
        #expect(!isBack, "what answers all the time does not come back")
        for _ in 0..<2 {
            _ = store.failed("gone", at: Date())
            isBack = store.answered()
            #expect(!isBack)
        }
        isBack = store.answered()
        #expect(isBack)
        #expect(store.isAway, "until what was spooled is in it")
        store.returned()
        #expect(store == StoreAvailability())
    }

    @Test("errors of an unavailable store are distinguished from errors of a row")
    func codes() {
        for code in [StoreError.Code.unavailable, .busy, .timeout, .commitUnknown] {
            #expect(StoreError(code, "").saysAway)
        }
        for code in [StoreError.Code.constraint, .cancelled, .closed, .corrupt, .other, .superseded] {
            #expect(!StoreError(code, "").saysAway)
        }
        #expect(StoreError(.unavailable, "", sqlState: "28P01").isLockedOut)
        #expect(StoreError(.unavailable, "", sqlState: "3D000").isLockedOut)
        #expect(!StoreError(.unavailable, "", sqlState: "57P03").isLockedOut)
    }

    @Test("the keys of the last questions are known, up to the capacity")
    func recent() {
        var keys = RecentKeys()
        let ids = (0...RecentKeys.capacity).map { _ in ULID() }
        for (number, id) in ids.enumerated() { keys.note("key-\(number)", id) }
        #expect(keys["key-0"] == nil)
        #expect(keys["key-1"] == ids[1])
        #expect(keys["key-\(RecentKeys.capacity)"] == ids.last)
        keys.note("key-1", ULID())
        #expect(keys["key-1"] == ids[1], "the first id stays")
        #expect(keys[nil] == nil)
    }
}
