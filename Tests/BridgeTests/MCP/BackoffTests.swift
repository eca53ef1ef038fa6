import Testing

@testable import Bridge

@Suite("Delays between connection attempts")
struct BackoffTests {
    @Test("delays double up to the maximum, each between half and the whole")
    func backoff() {
        var backoff = Backoff(first: .seconds(1), most: .seconds(8))
        for whole in [1, 2, 4, 8, 8, 8] {
            let wait = backoff.next()
            #expect(wait >= .seconds(whole) * 0.5 && wait <= .seconds(whole))
        }
        backoff.reset()
        let first = backoff.next()
        #expect(first <= .seconds(1))
    }
}
