package import Foundation

/// A new, empty folder for the files of a test. The test removes it in a `defer` on the next line.
package struct TemporaryFolder: Sendable {
    package let url: URL
    package var path: String { url.path }

    package init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "omni-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    /// Removes the folder with all that is in it.
    package func remove() { try? FileManager.default.removeItem(at: url) }
}
