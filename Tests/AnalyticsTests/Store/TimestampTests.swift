import Foundation
import Testing

@testable import Analytics

@Suite("Timestamps in the store", .timeLimit(.minutes(3)))
struct TimestampTests {
    @Test(
        "a time is written in UTC with milliseconds and read back",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (951_782_400.5, "2000-02-29T00:00:00.500Z"),
            (1_795_411_467.123, "2026-11-23T05:24:27.123Z"), (4_107_542_399.999, "2100-02-28T23:59:59.999Z"),
            (-1, "1969-12-31T23:59:59.000Z"),
        ] as [(Double, String)])
    func text(_ seconds: Double, _ text: String) {
        let time = Date(timeIntervalSince1970: seconds)
        #expect(Timestamp.text(time) == text)
        #expect(Timestamp.date(text) == time)
    }

    @Test(
        "other texts are not timestamps",
        arguments: ["", "2026-11-23", "2026-13-23T05:24:27.123Z", "2026-11-23T05:24:27.123456Z"])
    func wrong(_ text: String) {
        #expect(Timestamp.date(text) == nil)
    }

    @Test("the month after December is January")
    func months() {
        let december = Timestamp.month(of: Date(timeIntervalSince1970: 1_798_761_599))
        #expect(Partitions.suffix(december) == "2026_12")
        #expect(Partitions.suffix(Partitions.next(december)) == "2027_01")
    }

    @Test("both databases read a written timestamp as the same instant", arguments: Backend.allCases)
    func stored(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let time = Date(timeIntervalSince1970: 1_795_411_467.009)
            try await store.answer(Samples.question(at: time))
            #expect(try await store.recent().first?.timestamp == time)
        }
    }
}
