using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace TimeSuite.Linux;

/// <summary>libcrypto's key agreement, EVP_PKEY(3): by the same library, and so the same policy of the host, that System.Security.Cryptography uses.</summary>
/// <remarks>
/// System.Security.Cryptography has no X25519, and its way to agree on P-256 checks and converts the peer's key three times over: 213 us where these calls need 70
/// (docs/decisions/0007). All functions return 1 for success; buffers are spans with their lengths.
/// </remarks>
internal static partial class LibCrypto
{
    private const string Library = "libcrypto.so.3";

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_CTX_new_from_name", StringMarshalling = StringMarshalling.Utf8)]
    public static partial Context NewContext(nint library, string algorithm, nint properties);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_CTX_new_from_pkey")]
    public static partial Context NewContext(nint library, Key key, nint properties);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_keygen_init")]
    public static partial int BeginGenerating(Context context);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_CTX_set_group_name", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetGroup(Context context, string group);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_generate")]
    public static partial int Generate(Context context, out Key key);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_get_octet_string_param", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int GetOctets(Key key, string parameter, Span<byte> octets, nuint room, out nuint length);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_new")]
    public static partial Key NewKey();

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_copy_parameters")]
    public static partial int CopyParameters(Key to, Key from);

    /// <summary>False too for a point that is not on the curve.</summary>
    [LibraryImport(Library, EntryPoint = "EVP_PKEY_set1_encoded_public_key")]
    public static partial int SetPublic(Key key, ReadOnlySpan<byte> octets, nuint length);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_derive_init")]
    public static partial int BeginDeriving(Context context);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_derive_set_peer_ex")]
    public static partial int SetPeer(Context context, Key peer, int validate);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_derive")]
    public static partial int Derive(Context context, Span<byte> secret, ref nuint length);

    /// <summary>The thread's queue of errors: what is left in it would be taken for the next call's.</summary>
    [LibraryImport(Library, EntryPoint = "ERR_clear_error")]
    public static partial void ForgetErrors();

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_CTX_free")]
    private static partial void FreeContext(nint context);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_free")]
    private static partial void FreeKey(nint key);

    /// <summary>EVP_PKEY_CTX.</summary>
    public sealed class Context() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle()
        {
            FreeContext(handle);
            return true;
        }
    }

    /// <summary>EVP_PKEY. What is secret in it is wiped when it is freed.</summary>
    public sealed class Key() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle()
        {
            FreeKey(handle);
            return true;
        }
    }
}
