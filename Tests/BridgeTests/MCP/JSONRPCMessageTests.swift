import Testing

@testable import Bridge

@Suite("JSON-RPC messages")
struct JSONRPCMessageTests {
    @Test("messages are read leniently and written back the same")
    func messages() throws {
        for text in [
            #"{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":1}}"#, #"{"jsonrpc":"2.0","method":"m"}"#,
            #"{"jsonrpc":"2.0","id":"x","result":null}"#,
            #"{"jsonrpc":"2.0","id":null,"error":{"code":-1,"message":"no","data":[1]}}"#,
        ] {
            let value = try JSONValue(parsing: text)
            #expect(JSONRPCMessage(value)?.json.text() == text)
        }
        #expect(JSONRPCMessage(["id": .null, "method": "m"]) == nil)
        #expect(JSONRPCMessage("text") == nil)
    }
}
