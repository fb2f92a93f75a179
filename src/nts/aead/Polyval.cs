using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Arm = System.Runtime.Intrinsics.Arm;
using X86 = System.Runtime.Intrinsics.X86;

namespace TimeSuite.Nts;

/// <summary>Multiplication in the field of POLYVAL (RFC 8452 section 3), by carry-less products of halves.</summary>
internal static class Polyval
{
    /// <summary>x^127 + x^126 + x^121 in the upper half, 1 in the lower: x^128 is reduced by it.</summary>
    private static readonly Vector128<ulong> s_reduction = Vector128.Create(1UL, 0xC200_0000_0000_0000);

    /// <summary>Whether this processor has the instructions.</summary>
    public static bool IsSupported => X86.Pclmulqdq.IsSupported || Arm.Aes.IsSupported;

    /// <summary>a * b * x^-128.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Dot(Vector128<ulong> a, Vector128<ulong> b) => Reduce(LowLow(a, b), LowHigh(a, b) ^ HighLow(a, b), HighHigh(a, b));

    /// <summary>(a * b + c * d) * x^-128: two products for one reduction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Dot(Vector128<ulong> a, Vector128<ulong> b, Vector128<ulong> c, Vector128<ulong> d) => Reduce(
        LowLow(a, b) ^ LowLow(c, d), LowHigh(a, b) ^ HighLow(a, b) ^ LowHigh(c, d) ^ HighLow(c, d), HighHigh(a, b) ^ HighHigh(c, d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Reduce(Vector128<ulong> low, Vector128<ulong> middle, Vector128<ulong> high)
    {
        low ^= Vector128.Create(0, middle[0]);
        high ^= Vector128.Create(middle[1], 0);
        low = Swap(low) ^ LowHigh(low, s_reduction);
        low = Swap(low) ^ LowHigh(low, s_reduction);
        return high ^ low;
    }

    private static Vector128<ulong> Swap(Vector128<ulong> value) => Vector128.Shuffle(value, Vector128.Create(1UL, 0UL));

    private static Vector128<ulong> LowHigh(Vector128<ulong> a, Vector128<ulong> b) => X86.Pclmulqdq.IsSupported
        ? X86.Pclmulqdq.CarrylessMultiply(a, b, 0x10)
        : Arm.Aes.PolynomialMultiplyWideningLower(a.GetLower(), b.GetUpper());

    private static Vector128<ulong> HighLow(Vector128<ulong> a, Vector128<ulong> b) => LowHigh(b, a);

    private static Vector128<ulong> LowLow(Vector128<ulong> a, Vector128<ulong> b) => X86.Pclmulqdq.IsSupported
        ? X86.Pclmulqdq.CarrylessMultiply(a, b, 0x00)
        : Arm.Aes.PolynomialMultiplyWideningLower(a.GetLower(), b.GetLower());

    private static Vector128<ulong> HighHigh(Vector128<ulong> a, Vector128<ulong> b) => X86.Pclmulqdq.IsSupported
        ? X86.Pclmulqdq.CarrylessMultiply(a, b, 0x11)
        : Arm.Aes.PolynomialMultiplyWideningUpper(a, b);
}
