import Foundation
import Testing

@testable import SlackBot

@Suite("Connections of other programs with the same token")
struct UnknownConnectionDetectorTests {
    private let gracePeriod = UnknownConnectionDetector().gracePeriod

    @Test("a surplus must last for the grace period, and is reported once")
    func appears() {
        var detector = UnknownConnectionDetector()
        #expect(detector.counted(3, expected: 2, at: .zero) == nil)
        #expect(detector.unknownConnections == 0)
        #expect(detector.wantsCount(at: .seconds(59)) == false)
        #expect(detector.wantsCount(at: gracePeriod) == true)
        #expect(detector.wantsCount(at: gracePeriod) == false)
        #expect(detector.counted(4, expected: 3, at: gracePeriod) == .appeared(1))
        #expect(detector.unknownConnections == 1)
        #expect(detector.counted(5, expected: 3, at: gracePeriod + .seconds(1)) == nil)
        #expect(detector.unknownConnections == 2)
    }

    @Test("while there are unknown connections Slack's count is refreshed at intervals, until they are gone")
    func vanishes() {
        var detector = UnknownConnectionDetector()
        _ = detector.counted(3, expected: 2, at: .zero)
        _ = detector.counted(3, expected: 2, at: gracePeriod)
        #expect(detector.wantsCount(at: gracePeriod + gracePeriod) == false)
        #expect(detector.wantsCount(at: gracePeriod + detector.pause) == true)
        #expect(detector.counted(3, expected: 3, at: .seconds(400)) == .vanished)
        #expect(detector.unknownConnections == 0)
        #expect(detector.wantsCount(at: .seconds(10_000)) == false)
    }

    @Test("a surplus that ends within the grace period is not reported")
    func replaced() {
        var detector = UnknownConnectionDetector()
        _ = detector.counted(3, expected: 2, at: .zero)
        #expect(detector.counted(2, expected: 2, at: .seconds(30)) == nil)
        #expect(detector.counted(3, expected: 2, at: .seconds(80)) == nil)
        #expect(detector.unknownConnections == 0)
    }
}
