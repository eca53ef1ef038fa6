import Bridge
import Testing
import WebSockets

@testable import SlackBot

@Suite("Envelopes that are not acknowledged")
struct UnacknowledgedEnvelopeTests {
    @Test("an envelope that arrives while this process closes the connection is no error")
    func levels() {
        let closed = WebSocketError(.closed, "the WebSocket is closed")
        #expect(ConnectionSlotRunner.level(of: closed, isClosing: true) == .info)
        #expect(ConnectionSlotRunner.level(of: closed, isClosing: false) == .warning)
        #expect(ConnectionSlotRunner.level(of: BridgeError(.internalError, "the store"), isClosing: true) == .error)
    }
}
