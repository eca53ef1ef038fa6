package import Bridge
import Crypto
import Foundation

/// The Ed25519 key that signs the heads of the audit log. It prints as its id.
package struct AuditKey: Sendable, CustomStringConvertible {
    /// The first 16 hexadecimal digits of the SHA-256 of the public key.
    package let id: String
    /// True for `OMNI_AUDIT_KEY`, false for the file in the data folder.
    package let isFromEnvironment: Bool
    private let key: Curve25519.Signing.PrivateKey

    /// The length of the seed in bytes.
    package static let seedLength = 32

    /// - Parameter seed: the 32 bytes of RFC 8032's private key. Throws ``StoreError`` for another length.
    package init(seed: [UInt8], isFromEnvironment: Bool = false) throws {
        guard seed.count == Self.seedLength, let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed)
        else { throw StoreError(.other, "the audit key is not 32 bytes long") }
        self.key = key
        self.isFromEnvironment = isFromEnvironment
        id = AuditPublicKey.id(of: Array(key.publicKey.rawRepresentation))
    }

    /// The bytes of a seed in base64; nil for another text.
    package static func seed(_ text: String) -> [UInt8]? {
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard let bytes = Data(base64Encoded: trimmed), bytes.count == seedLength else { return nil }
        return Array(bytes)
    }

    /// The key of `OMNI_AUDIT_KEY`, else that of the data folder.
    ///
    /// Throws ``StoreError``, whose message never contains the key: `.other` for a value or a file that is no key, or a
    /// file that others may read; `.unavailable` when the file cannot be read or made.
    ///
    /// - Parameter making: whether a missing file is made; if false, nil is returned for it.
    package static func load(variable: Secret?, dataFolder: String, making: Bool) throws -> AuditKey? {
        if let variable {
            guard let seed = seed(variable.revealed) else {
                throw StoreError(.other, "OMNI_AUDIT_KEY is not the base64 text of 32 bytes")
            }
            return try AuditKey(seed: seed, isFromEnvironment: true)
        }
        let file = AuditKeyFile(dataFolder: dataFolder)
        if let key = try file.load() { return key }
        guard making else { return nil }
        try file.make()
        return try file.load()
    }

    var publicKey: AuditPublicKey {
        AuditPublicKey(id: id, bytes: Array(key.publicKey.rawRepresentation))
    }

    /// The signature of a message, in base64.
    func sign(_ message: String) throws -> String {
        do {
            return try key.signature(for: Data(message.utf8)).base64EncodedString()
        } catch {
            throw StoreError(.other, "the audit key \(id) cannot sign")
        }
    }

    package var description: String { id }
}

/// The public half of an ``AuditKey``, as `audit_keys` has it.
struct AuditPublicKey: Sendable, Hashable {
    let id: String
    let bytes: [UInt8]

    /// The id that belongs to these bytes.
    static func id(of bytes: [UInt8]) -> String {
        String(Hexadecimal.text(SHA256.hash(data: Data(bytes))).prefix(16))
    }

    /// False for a row whose id or bytes were changed.
    var isWhole: Bool { id == Self.id(of: bytes) }

    /// Whether the base64 text is this key's signature of the message.
    func verifies(_ signature: String, of message: String) -> Bool {
        guard isWhole, let raw = Data(base64Encoded: signature),
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: Data(bytes))
        else { return false }
        return key.isValidSignature(raw, for: Data(message.utf8))
    }
}
