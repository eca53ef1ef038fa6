/// A WebSocket that a client opened, with the request that it came by.
package struct AcceptedWebSocket: Sendable {
    package let socket: WebSocket
    package let request: UpgradeRequest
}
